package io.mitune.app.stream;

import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.Topic;
import io.mitune.schemas.Topics;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the records of one topic, one JSON object a line. */
@Command(
        name = "tap",
        description = "Print the records of a topic as JSON lines, until stopped.",
        mixinStandardHelpOptions = true)
public final class TapCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;

    @Parameters(
            paramLabel = "TOPIC",
            description = "Name without prefix, such as candidates or dead-letters.")
    private String topic;

    @Option(names = "--from-beginning", description = "Not only what comes from now on.")
    private boolean fromBeginning;

    @Option(
            names = "--until-end",
            description = "From the beginning to what is the topic's end now.")
    private boolean untilEnd;

    @Option(names = "--max-messages", paramLabel = "N", description = "Stop after so many records.")
    private long maxMessages = Long.MAX_VALUE;

    @Override
    public Integer call() {
        var to = connection.connect();
        var wanted = find(to.topics());
        var console = Console.of(spec);
        var lines = new RecordLine(to, wanted);
        try (var until = new UntilStopped();
                var log = new TopicLog(to, wanted, extent())) {
            for (long printed = 0; printed < maxMessages; printed++) {
                var record = log.next(until::isStopped);
                if (record.isEmpty()) {
                    break;
                }
                console.print(lines.of(record.get()));
            }
        }
        return 0;
    }

    private TopicLog.Extent extent() {
        if (untilEnd) {
            return TopicLog.Extent.UNTIL_END;
        }
        return fromBeginning ? TopicLog.Extent.FROM_BEGINNING : TopicLog.Extent.FROM_NOW;
    }

    private Topic<?> find(Topics topics) {
        var prefix = topics.prefix();
        return topics.all().stream()
                .filter(t -> t.name().equals(topic) || t.name().equals(prefix + topic))
                .findFirst()
                .orElseThrow(
                        () ->
                                new UserError(
                                        "TOPIC: expected one of "
                                                + topics.all().stream()
                                                        .map(t -> t.name())
                                                        .map(n -> n.substring(prefix.length()))
                                                        .collect(Collectors.joining(", "))
                                                + ", found "
                                                + topic));
    }
}
