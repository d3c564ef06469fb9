package io.mitune.app.docs;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A comment of a page that says why {@link DocsIT} does not execute a command: {@code <!-- not run:
 * REASON -->} or {@code <!-- run by TEST -->}. On a line of its own it is about the block or table
 * that follows, in a row of a table about that, in a sentence about the command before it.
 * Immutable.
 *
 * @param line counted from 1
 * @param reason why nothing executes it; empty when another test does
 * @param test the name of that test; empty when none does
 */
record DocMark(int line, String reason, String test) {
    /** There is no other reason. */
    static final List<String> REASONS =
            List.of(
                    "it is the build that tests run in",
                    "needs the network", // packages or models are downloaded
                    "needs torch", // PyTorch, diffusers and peft, for minutes or hours
                    "needs Docker",
                    "needs Kubernetes",
                    "takes minutes");

    private static final Pattern COMMENT =
            Pattern.compile("<!-- (?:not run: (?<reason>[^>]+?)|run by (?<test>\\w+)) -->");

    /** The first mark in a text. */
    static Optional<DocMark> find(int line, CharSequence text) {
        var found = COMMENT.matcher(text);
        if (!found.find()) {
            return Optional.empty();
        }
        var reason = Optional.ofNullable(found.group("reason")).orElse("");
        return Optional.of(
                new DocMark(line, reason, Optional.ofNullable(found.group("test")).orElse("")));
    }

    /** Whether a line is nothing but a mark. */
    static boolean isAlone(String line) {
        return COMMENT.matcher(line.strip()).matches();
    }

    /** How many marks a text has. */
    static long count(String text) {
        return COMMENT.matcher(text).results().count();
    }
}
