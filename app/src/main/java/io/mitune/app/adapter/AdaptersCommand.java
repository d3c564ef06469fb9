package io.mitune.app.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.JsonOption;
import io.mitune.app.cli.TextTable;
import io.mitune.app.log.RecordJson;
import io.mitune.schemas.AdapterEvent;
import io.mitune.streams.promotion.AdapterStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks at the adapters of a run and chooses among them; adapter files have commands below. */
@Command(
        name = "adapters",
        description = "List, show, promote and roll back adapters; convert and inspect files.",
        subcommands = {
            LineageCommand.class,
            ConvertAdapterCommand.class,
            InspectAdapterCommand.class
        },
        mixinStandardHelpOptions = true)
public final class AdaptersCommand implements Runnable {
    private static final String REASON = "asked for on the command line";

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "expected list, show, lineage, promote, rollback, convert or inspect, found none");
    }

    @Command(
            name = "list",
            description = "List the versions of all runs and what became of them.",
            mixinStandardHelpOptions = true)
    void list(@Mixin ConnectionOptions connection, @Mixin JsonOption json) {
        var log = AdapterLog.read(connection.connect());
        if (json.given()) {
            JsonOption.print(
                    Console.of(spec), log.latest().stream().map(e -> json(log, e)).toList());
            return;
        }
        var rows = new ArrayList<List<String>>();
        for (var event : log.latest()) {
            rows.add(
                    List.of(
                            event.getRun(),
                            Integer.toString(event.getVersion()),
                            event.getStatus(),
                            log.isCurrent(event) ? "in use" : "",
                            Integer.toString(event.getRound()),
                            Integer.toString(event.getStep()),
                            Integer.toString(event.getDatasetSize()),
                            Optional.ofNullable(event.getMetrics().get("loss"))
                                    .map(v -> String.format(Locale.ROOT, "%.4f", v))
                                    .orElse("-")));
        }
        var header = List.of("run", "version", "status", "", "round", "step", "samples", "loss");
        TextTable.lines(header, rows).forEach(Console.of(spec)::print);
    }

    @Command(
            name = "show",
            description = "Show everything known of one version, the newest first, as JSON.",
            mixinStandardHelpOptions = true)
    void show(@Mixin ConnectionOptions connection, @Mixin VersionOfRun of) {
        var newestFirst =
                new ArrayList<>(
                        AdapterLog.read(connection.connect()).history(of.run(), of.version()));
        Collections.reverse(newestFirst);
        newestFirst.forEach(event -> Console.of(spec).print(RecordJson.of(event).toPrettyString()));
    }

    @Command(
            name = "promote",
            description = "Use this version from now on, whatever its evaluation says.",
            mixinStandardHelpOptions = true)
    void promote(@Mixin ConnectionOptions connection, @Mixin VersionOfRun of) {
        request(connection, of.run(), of.version(), AdapterStatus.PROMOTE_REQUESTED);
    }

    @Command(
            name = "rollback",
            description = "Go back to an earlier version.",
            mixinStandardHelpOptions = true)
    void rollback(
            @Mixin ConnectionOptions connection,
            @Parameters(
                            paramLabel = "RUN",
                            description = "Line of adapters, as `run list` has them.")
                    String run,
            @Option(
                            names = "--to",
                            paramLabel = "VERSION",
                            description =
                                    "Version to use; 0 is the base model (default: the newest"
                                            + " promoted one below that in use).")
                    Optional<Integer> version) {
        request(connection, run, version.orElse(-1), AdapterStatus.ROLLBACK_REQUESTED);
    }

    private static JsonNode json(AdapterLog log, AdapterEvent event) {
        return RecordJson.of(event).put("inUse", log.isCurrent(event));
    }

    private void request(ConnectionOptions connection, String run, int version, String status) {
        var to = connection.connect();
        var log = AdapterLog.read(to);
        if (version > 0) {
            log.history(run, version);
        } else {
            log.requireRun(run);
        }
        AdapterRequest.send(to, AdapterRequest.of(run, version, status, REASON));
        Console.of(spec).print("run " + run + ": " + status + "; the promotion role decides");
    }
}
