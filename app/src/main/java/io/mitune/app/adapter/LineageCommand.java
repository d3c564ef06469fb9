package io.mitune.app.adapter;

import io.mitune.app.cli.BlobOptions;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.JsonOption;
import io.mitune.app.cli.UserError;
import io.mitune.app.log.CuratedWriter;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what an adapter was made from, and prepares its training without some of it. */
@Command(
        name = "lineage",
        description = "List the samples behind an adapter version; train again without some.",
        mixinStandardHelpOptions = true)
public final class LineageCommand implements Callable<Integer> {
    private static final int USUAL_COLUMNS = 100; // where there is no terminal

    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;
    @Mixin private BlobOptions blobs;

    @Mixin private VersionOfRun of;
    @Mixin private JsonOption json;

    @Option(
            names = "--candidates",
            description = "List all candidates that the samples were chosen from.")
    private boolean candidates;

    @Option(
            names = "--without",
            paramLabel = "PROMPT",
            description =
                    "Give the samples but those of this prompt (id or exact text) to a new run, to"
                            + " be trained again; may be repeated.")
    private List<String> without = new ArrayList<>();

    @Option(names = "--into", paramLabel = "RUN", description = "The new run.")
    private Optional<String> into = Optional.empty();

    @Override
    public Integer call() {
        if (without.isEmpty() != into.isEmpty()) {
            throw new UserError(
                    "lineage: expected --without and --into together, found one of them");
        }
        into.filter(name -> !name.matches("[A-Za-z0-9._-]{1,100}"))
                .ifPresent(
                        name -> {
                            throw new UserError(
                                    "--into: expected 1 to 100 letters, digits, dots, underscores"
                                            + " or hyphens, found '"
                                            + name
                                            + "'");
                        });
        var console = Console.of(spec);
        var to = connection.connect();
        if (into.isPresent()) {
            try (var writer = CuratedWriter.open(to, into.get())) {
                retrain(console, Read.of(to, console), writer);
            }
            return 0;
        }
        var lineage = lineage(Read.of(to, console));
        lines(to, lineage).forEach(console::print);
        return lineage.generations().stream().allMatch(g -> g.missing().isEmpty()) ? 0 : 1;
    }

    /** What the log says of adapters and of what they were made from. */
    private record Read(AdapterLog adapters, List<CuratedSample> curated) {
        static Read of(Connection to, Console console) {
            var adapters = AdapterLog.read(to);
            var curated = new ArrayList<CuratedSample>();
            TopicLog.forEach(to, to.topics().curated(), curated::add, console::remark);
            return new Read(adapters, curated);
        }

        boolean knows(String run) {
            return adapters.runs().contains(run)
                    || curated.stream().anyMatch(s -> s.getRun().equals(run));
        }
    }

    private Lineage lineage(Read read) {
        var ancestry =
                Ancestry.of(
                        of.run(),
                        of.version(),
                        v -> read.adapters().history(of.run(), v),
                        blobs.store());
        return Lineage.of(ancestry, read.curated());
    }

    private List<String> lines(Connection to, Lineage lineage) {
        var console = Console.of(spec);
        int columns = console.terminal() ? console.columns() : USUAL_COLUMNS;
        if (candidates) {
            return LineageReport.candidates(lineage, drawn(to, lineage), columns);
        }
        return json.given() ? LineageReport.json(lineage) : LineageReport.table(lineage, columns);
    }

    /** The candidates of the same prompts and rounds, each once. */
    private static List<Candidate> drawn(Connection to, Lineage lineage) {
        var wanted =
                lineage.samples().stream()
                        .map(s -> s.getPromptId() + "/" + s.getRound())
                        .collect(Collectors.toSet());
        var found = new TreeMap<String, Candidate>();
        TopicLog.forEach(
                to,
                to.topics().candidates(),
                c -> {
                    if (wanted.contains(c.getPromptId() + "/" + c.getRound())) {
                        found.putIfAbsent(c.getCandidateId(), c);
                    }
                },
                fault -> {});
        return List.copyOf(found.values());
    }

    private void retrain(Console console, Read read, CuratedWriter writer) {
        var name = into.orElseThrow();
        var omission = Omission.of(lineage(read), without, name, read.curated());
        if (read.knows(name)) {
            throw new UserError("--into: expected a run without samples, found " + name);
        }
        writer.write(console, omission.records());
        omission.omitted().forEach((id, text) -> console.remark("without " + id + " " + text));
        console.print(
                "run %s: %d curated records; train it with: mitune train --run %s"
                        .formatted(name, omission.records().size(), name));
    }
}
