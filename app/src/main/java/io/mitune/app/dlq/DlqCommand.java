package io.mitune.app.dlq;

import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.JsonOption;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.TextTable;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.Connection;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks at the records that could not be processed, and sends them again. */
@Command(
        name = "dlq",
        description = "List the records that could not be processed, and send them again.",
        mixinStandardHelpOptions = true)
public final class DlqCommand implements Runnable {
    private static final int REASON_COLUMNS = 100;

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "expected list, show or redrive, found none");
    }

    @Command(
            name = "list",
            description = "List dead letters that were not sent again, oldest first.",
            mixinStandardHelpOptions = true)
    void list(
            @Mixin ConnectionOptions connection,
            @Mixin DeadLetterFilter filter,
            @Option(names = "--all", description = "Also those that were sent again.") boolean all,
            @Mixin JsonOption json) {
        var console = Console.of(spec);
        var to = connection.connect();
        var set =
                all
                        ? DeadLetterSet.matching(to, filter::matches)
                        : DeadLetterSet.open(to, filter::matches);
        var rows = new ArrayList<List<String>>();
        set.forEach(
                letter -> {
                    if (json.given()) {
                        console.print(LetterJson.line(letter, !set.isOpen(letter)));
                    } else {
                        rows.add(row(letter, set.isOpen(letter)));
                    }
                });
        if (json.given()) {
            return;
        }
        if (rows.isEmpty()) {
            console.remark("no dead letters");
            return;
        }
        var header = List.of("id", "given up at", "record", "redrives", "by", "reason");
        TextTable.lines(header, rows).forEach(console::print);
    }

    @Command(
            name = "show",
            description = "Show one dead letter with its value and stack trace, as JSON.",
            mixinStandardHelpOptions = true)
    void show(
            @Mixin ConnectionOptions connection,
            @Parameters(paramLabel = "ID", description = "Such as 0-17.") String id) {
        var to = connection.connect();
        var set = DeadLetterSet.named(to, List.of(id));
        set.forEach(
                letter ->
                        Console.of(spec).print(LetterJson.whole(to, letter, !set.isOpen(letter))));
    }

    @Command(
            name = "redrive",
            description = "Send dead letters to the topic they came from, each once.",
            mixinStandardHelpOptions = true)
    int redrive(
            @Mixin ConnectionOptions connection,
            @Mixin DeadLetterFilter filter,
            @Option(names = "--all", description = "All that were not sent again.") boolean all,
            @Option(names = "--dry-run", description = "Only say what would be sent.")
                    boolean dryRun,
            @Parameters(
                            paramLabel = "ID",
                            arity = "0..*",
                            description = "Such as 0-17; also one that was sent before.")
                    List<String> ids) {
        var wanted = ids == null ? List.<String>of() : ids;
        if (wanted.isEmpty() && filter.isEmpty() && !all) {
            throw new UserError(
                    "dlq redrive: expected ids, --topic, --role, --reason or --all, found none");
        }
        var to = connection.connect();
        return dryRun ? sayWhatWouldBeSent(to, wanted, filter) : send(to, wanted, filter);
    }

    private static DeadLetterSet chosen(Connection to, List<String> ids, DeadLetterFilter filter) {
        return ids.isEmpty()
                ? DeadLetterSet.open(to, filter::matches)
                : DeadLetterSet.named(to, ids);
    }

    private int sayWhatWouldBeSent(Connection to, List<String> ids, DeadLetterFilter filter) {
        var console = Console.of(spec);
        chosen(to, ids, filter)
                .forEach(
                        letter -> {
                            var fault = Redrive.fault(to, letter).map(f -> "is left: " + f);
                            var line = letter.id() + " to " + letter.topic() + " ";
                            console.print(line + fault.orElse(""));
                        });
        return 0;
    }

    private int send(Connection to, List<String> ids, DeadLetterFilter filter) {
        var console = Console.of(spec);
        try (var redrive = new Redrive(to)) {
            var chosen = chosen(to, ids, filter);
            var left = new ArrayList<String>();
            try (var bar = new ProgressBar(console, "redrive", chosen.size(), "records")) {
                chosen.forEach(
                        letter -> {
                            Redrive.fault(to, letter)
                                    .map(f -> "dead letter " + letter.id() + ": " + f)
                                    .ifPresentOrElse(left::add, () -> redrive.send(letter));
                            bar.advance(1);
                        });
                redrive.finish();
            }
            left.forEach(console::remark);
            int sent = chosen.size() - left.size();
            console.print("%d sent again, %d left".formatted(sent, left.size()));
            return left.isEmpty() ? 0 : 1;
        }
    }

    private static List<String> row(DeadLetter letter, boolean open) {
        var reason = letter.reason();
        return List.of(
                letter.id(),
                letter.at().toString(),
                letter.source(),
                letter.redrives() + (open ? "" : ", sent again"),
                letter.role(),
                reason.length() <= REASON_COLUMNS
                        ? reason
                        : reason.substring(0, REASON_COLUMNS) + "...");
    }
}
