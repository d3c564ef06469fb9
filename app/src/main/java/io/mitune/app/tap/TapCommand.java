package io.mitune.app.tap;

import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.cli.UserError;
import io.mitune.app.log.StartAt;
import io.mitune.app.log.TopicLog;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the decoded records of one topic. */
@Command(
        name = "tap",
        description = "Print the records of a topic, and with --follow what comes.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "A filter compares fields with values and joins that with and, or, not and parentheses:",
            "  mi > 300 and category = color",
            "  not (failure = null) or text ~ \"red cube\"",
            "  createdAt > -PT10M and sampling.guidanceScale >= 7.5",
            "Operators: = != < <= > >= contains ~ (contains, whatever the case)."
        })
public final class TapCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;

    @Parameters(
            paramLabel = "TOPIC",
            description = "Name without prefix, such as candidates or dead-letters.")
    private String topic;

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            description =
                    "beginning, latest, a time (2026-01-31T12:00:00Z) or a time ago (-PT10M)"
                            + " (default: beginning, with --follow latest).")
    private Optional<String> from = Optional.empty();

    @Option(names = "--follow", description = "Go on with what comes, until stopped.")
    private boolean follow;

    @Option(
            names = "--filter",
            paramLabel = "FILTER",
            defaultValue = "",
            description = "Only records for which this holds; see below.")
    private String filter;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "json",
            description = "table, json (one object a line) or csv (default: ${DEFAULT-VALUE}).")
    private String format;

    @Option(names = "--max-messages", paramLabel = "N", description = "Stop after so many records.")
    private long maxMessages = Long.MAX_VALUE;

    @Override
    public Integer call() {
        var to = connection.connect();
        var console = Console.of(spec);
        var now = Instant.now();
        var records = new TapRecords(to, TopicNames.find(to.topics(), topic));
        var shown = records.filter(filter, now);
        var printed = format(records, console);
        var start = start(now);
        try (var until = new UntilStopped();
                var log = new TopicLog(to, records.topic(), start, follow)) {
            printed.header().forEach(line -> print(console, line));
            for (long count = 0; count < maxMessages; ) {
                var record = log.next(until::isStopped);
                if (record.isEmpty()) {
                    break;
                }
                var json = records.of(record.get());
                if (shown.shows(json)) {
                    print(console, printed.line(json));
                    count++;
                }
            }
        }
        return 0;
    }

    private StartAt start(Instant now) {
        var start = StartAt.parse("--from", from.orElse(follow ? "latest" : "beginning"), now);
        if (start instanceof StartAt.Latest && !follow) {
            throw new UserError("--from latest: expected --follow beside it, found none");
        }
        return start;
    }

    private TapFormat format(TapRecords records, Console console) {
        return switch (format.toLowerCase(Locale.ROOT)) {
            case "json" -> new TapFormat.JsonLines();
            case "csv" -> TapCsv.of(records.fields());
            case "table" -> records.table(console.columns());
            default ->
                    throw new UserError("--format: expected table, json or csv, found " + format);
        };
    }

    /** Lines of CSV end in two characters whatever the system. */
    private void print(Console console, String line) {
        if (format.equalsIgnoreCase("csv")) {
            console.out().print(line + "\r\n");
            console.out().flush();
        } else {
            console.print(line);
        }
    }
}
