package io.mitune.app.dlq;

import io.mitune.app.cli.UserError;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Option;

/** Which dead letters are meant; those given must all hold. */
final class DeadLetterFilter {
    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            description = "Only records of this topic, with or without the prefix.")
    private Optional<String> topic = Optional.empty();

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            description = "Only those that this role gave up, such as worker or trainer.")
    private Optional<String> role = Optional.empty();

    @Option(
            names = "--reason",
            paramLabel = "REGEX",
            description = "Only those in whose reason this is found.")
    private Optional<String> reason = Optional.empty();

    boolean isEmpty() {
        return topic.isEmpty() && role.isEmpty() && reason.isEmpty();
    }

    boolean matches(DeadLetter letter) {
        return topic.filter(t -> !hasName(letter.topic(), t)).isEmpty()
                && role.filter(r -> !letter.role().startsWith(r)).isEmpty()
                && reason.filter(r -> !pattern(r).matcher(letter.reason()).find()).isEmpty();
    }

    private static boolean hasName(String topic, String wanted) {
        return topic.equals(wanted) || topic.endsWith("." + wanted);
    }

    private static Pattern pattern(String regex) {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new UserError(
                    "--reason: expected a regular expression, found '%s': %s"
                            .formatted(regex, e.getDescription()),
                    e);
        }
    }
}
