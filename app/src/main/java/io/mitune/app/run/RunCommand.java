package io.mitune.app.run;

import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.JsonOption;
import io.mitune.app.cli.TextTable;
import io.mitune.schemas.RunSettings;
import java.util.List;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks at runs and steers them: rounds that follow by themselves, budgets, pauses. */
@Command(
        name = "run",
        description = "List and show runs; set their rounds and budgets, pause and resume them.",
        mixinStandardHelpOptions = true)
public final class RunCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "expected list, show, set, pause or resume, found none");
    }

    @Command(
            name = "list",
            description = "List the runs, how far they are, and why they wait.",
            mixinStandardHelpOptions = true)
    void list(@Mixin ConnectionOptions connection, @Mixin JsonOption json) {
        var book = book(connection);
        if (json.given()) {
            JsonOption.print(Console.of(spec), book.runs().stream().map(book::json).toList());
            return;
        }
        var rows = book.runs().stream().map(run -> RunText.row(run, book.status(run))).toList();
        TextTable.lines(RunText.HEADER, rows).forEach(Console.of(spec)::print);
    }

    @Command(
            name = "show",
            description = "Show where a run stands and what is set.",
            mixinStandardHelpOptions = true)
    void show(
            @Mixin ConnectionOptions connection,
            @Mixin JsonOption json,
            @Parameters(
                            paramLabel = "RUN",
                            description = "Line of adapters, as `run list` has them.")
                    String run) {
        var book = book(connection);
        book.requireRun(run);
        if (json.given()) {
            JsonOption.print(Console.of(spec), List.of(book.json(run)));
            return;
        }
        RunText.lines(book.settings(run), book.status(run)).forEach(Console.of(spec)::print);
    }

    @Command(
            name = "set",
            description = "Change standing settings of a run; the others stay as they are.",
            mixinStandardHelpOptions = true)
    void set(
            @Mixin ConnectionOptions connection,
            @Parameters(
                            paramLabel = "RUN",
                            description = "Line of adapters, as `run list` has them.")
                    String run,
            @Mixin RunSettingsOptions options) {
        change(connection, run, options::into, "unchanged");
    }

    @Command(
            name = "pause",
            description = "Give out no more work of a run and promote nothing, until resumed.",
            mixinStandardHelpOptions = true)
    void pause(
            @Mixin ConnectionOptions connection,
            @Parameters(
                            paramLabel = "RUN",
                            description = "Line of adapters, as `run list` has them.")
                    String run,
            @Option(
                            names = "--reason",
                            paramLabel = "TEXT",
                            defaultValue = "",
                            description = "Why; shown wherever the run waits.")
                    String reason) {
        change(
                connection,
                run,
                s ->
                        s.getPaused() && reason.isEmpty()
                                ? s // with the reason that it has
                                : s.setPaused(true).setReason(reason),
                "is paused already");
    }

    @Command(
            name = "resume",
            description = "Let a paused run go on; its collapse guard begins anew.",
            mixinStandardHelpOptions = true)
    void resume(
            @Mixin ConnectionOptions connection,
            @Parameters(
                            paramLabel = "RUN",
                            description = "Line of adapters, as `run list` has them.")
                    String run) {
        change(connection, run, s -> s.setPaused(false).setReason(""), "is not paused");
    }

    private RunBook book(ConnectionOptions connection) {
        return RunBook.read(connection.connect(), Console.of(spec)::remark);
    }

    private void change(
            ConnectionOptions connection,
            String run,
            UnaryOperator<RunSettings.Builder> change,
            String otherwise) {
        var to = connection.connect();
        var book = RunBook.read(to, Console.of(spec)::remark);
        var changed = book.change(run, change);
        changed.ifPresent(settings -> RunBook.send(to, settings));
        var version = changed.or(() -> book.settings(run)).orElseThrow().getVersion();
        var said = changed.isPresent() ? "" : otherwise + ", ";
        Console.of(spec).print("run %s: %ssettings version %d".formatted(run, said, version));
    }
}
