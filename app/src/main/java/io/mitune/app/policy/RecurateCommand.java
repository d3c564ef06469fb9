package io.mitune.app.policy;

import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.TextTable;
import io.mitune.app.cli.UserError;
import io.mitune.app.cli.WholeOutput;
import io.mitune.app.log.CuratedWriter;
import io.mitune.app.log.RecordJson;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.RequestLimits;
import io.mitune.streams.curator.CurationPolicy;
import io.mitune.streams.curator.Replay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntPredicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Judges all candidates of a run again under another policy, from the log, without a GPU.
 *
 * <p>The same log and policy give the same records, and with the policy of the stream those that
 * the stream wrote.
 */
@Command(
        name = "recurate",
        description = "Curate the candidates in the log again under another policy.",
        mixinStandardHelpOptions = true)
public final class RecurateCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;

    @Option(
            names = "--policy",
            paramLabel = "NAME[@VERSION]",
            required = true,
            description = "Policy to judge by; the last version unless given.")
    private String policy;

    @Option(
            names = "--run",
            paramLabel = "NAME",
            defaultValue = "default",
            description = "Run whose prompts to judge (default: ${DEFAULT-VALUE}).")
    private String run;

    @Option(
            names = "--rounds",
            paramLabel = "FIRST-LAST",
            description = "Only these rounds (default: all).")
    private Optional<String> rounds = Optional.empty();

    @Option(
            names = "--into",
            paramLabel = "RUN",
            description = "Publish the set as a new run that a trainer can train on.")
    private Optional<String> into = Optional.empty();

    @Option(names = "--output", paramLabel = "FILE", description = "Write the set as JSON lines.")
    private Optional<Path> output = Optional.empty();

    @Option(names = "--force", description = "Replace the output file.")
    private boolean force;

    @Option(names = "--dry-run", description = "Only say what would change.")
    private boolean dryRun;

    @Override
    public Integer call() throws IOException {
        var console = Console.of(spec);
        var to = connection.connect();
        var range = rounds.map(RoundRange::of).orElse(RoundRange.ALL);
        into.flatMap(RequestLimits::runFault)
                .ifPresent(
                        fault -> {
                            throw new UserError("--into: " + fault);
                        });
        if (output.isPresent() && !dryRun) {
            WholeOutput.requireFree(output.get(), List.of(), force);
        }
        var chosen = PolicyLog.read(to, console::remark).find(policy);
        if (into.isEmpty() || dryRun) {
            judge(console, to, range, chosen);
            return 0;
        }
        try (var writer = CuratedWriter.open(to, into.get())) {
            var samples = judge(console, to, range, chosen);
            writer.write(console, samples);
            console.print("run %s: %d records".formatted(into.get(), samples.size()));
        }
        return 0;
    }

    /** Reads the log, reports what changes, and writes the file. */
    private List<CuratedSample> judge(
            Console console, Connection to, IntPredicate range, CurationPolicy chosen)
            throws IOException {
        var log = new RecurateLog(to, console, run, range, into.orElse(run));
        var replay = log.replay(chosen);
        requireSome(replay);
        requireFree(log);
        var samples =
                replay.samples().stream()
                        .map(s -> into.map(name -> renamed(s, name)).orElse(s))
                        .toList();
        report(console, chosen, log, replay, samples);
        if (!dryRun && output.isPresent()) {
            write(output.get(), samples);
            console.print("%s: %d records".formatted(output.get(), samples.size()));
        }
        return samples;
    }

    private void requireSome(Replay replay) {
        if (replay.closedPrompts() == 0) {
            throw new UserError(
                    "run %s: expected closed prompts in the log, found none, %d open"
                            .formatted(run, replay.openPrompts()));
        }
    }

    /** A run that is in use must not get a second set. */
    private void requireFree(RecurateLog log) {
        if (into.isPresent() && log.isTaken()) {
            throw new UserError(
                    "--into: expected a run without prompts and curated records, found some of %s"
                            .formatted(into.get()));
        }
    }

    private void report(
            Console console,
            CurationPolicy chosen,
            RecurateLog log,
            Replay replay,
            List<CuratedSample> samples) {
        log.ends().forEach((topic, ends) -> console.remark(topic + " up to offsets " + ends));
        var own = log.curated(run + chosen.runSuffix());
        var before = own.isEmpty() ? log.curated(run) : own;
        var changes = SetChanges.between(before, samples);
        console.print(
                "run %s, policy %s: %d prompts judged, %d still open, %d candidates refused"
                        .formatted(
                                run,
                                chosen.reference(),
                                replay.closedPrompts(),
                                replay.openPrompts(),
                                log.refusedCandidates()));
        replay.openRounds()
                .forEach(round -> console.print("round " + round + ": not closed, left out"));
        TextTable.lines(SetChanges.HEADER, changes.rows()).forEach(console::print);
        console.print(changes.identical() ? "the same set, record by record" : "another set");
    }

    private static CuratedSample renamed(CuratedSample sample, String run) {
        return CuratedSample.newBuilder(sample).setRun(run).build();
    }

    private void write(Path file, List<CuratedSample> samples) throws IOException {
        WholeOutput.write(
                file,
                List.of(),
                force,
                place -> {
                    try (var out = Files.newBufferedWriter(place)) {
                        for (var sample : samples) {
                            out.write(RecordJson.of(sample) + "\n");
                        }
                    }
                });
    }
}
