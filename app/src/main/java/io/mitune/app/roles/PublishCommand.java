package io.mitune.app.roles;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.JsonOption;
import io.mitune.app.cli.OptionNames;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.PromptOptions;
import io.mitune.app.cli.SamplingOptions;
import io.mitune.app.cli.UserError;
import io.mitune.producers.PromptPublisher;
import io.mitune.producers.PublishException;
import io.mitune.producers.PublishReport;
import io.mitune.producers.PublishSettings;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Publishes a batch of prompts; publishing it again adds nothing. */
@Command(
        name = "publish",
        description = "Publish a batch of prompts.",
        footer = {
            "",
            "Publish does not know the model: the defaults are ddpm, 100 steps and guidance 7.5. For SD 3",
            "say --scheduler flow-match-euler --num-inference-steps 28 --guidance-scale 7."
        },
        mixinStandardHelpOptions = true)
public final class PublishCommand implements Runnable {
    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;
    @Mixin private PromptOptions prompts;
    @Mixin private JsonOption json;
    @Mixin private SamplingOptions sampling = new SamplingOptions("ddpm", 100, 7.5);

    @Option(
            names = "--run",
            paramLabel = "NAME",
            defaultValue = "default",
            description = "Line of adapters that the prompts feed (default: ${DEFAULT-VALUE}).")
    private String run;

    @Option(
            names = "--batch",
            paramLabel = "NAME",
            description = "Name of the batch (default: a hash of run and prompts).")
    private Optional<String> batch = Optional.empty();

    @Option(
            names = "--round",
            paramLabel = "N",
            description = "Round it belongs to (default: the run's next).")
    private Optional<Integer> round = Optional.empty();

    @Option(
            names = "--candidates",
            paramLabel = "N",
            defaultValue = "50",
            description = "Candidates per prompt (default: ${DEFAULT-VALUE}).")
    private int candidates;

    @Option(
            names = "--keep",
            paramLabel = "K",
            defaultValue = "1",
            description = "Candidates to keep per prompt (default: ${DEFAULT-VALUE}).")
    private int keep;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "42",
            description = "Candidate seeds derive from it (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--negative-prompt",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Text of the unconditional branch (default: empty).")
    private String negativePrompt;

    @Option(
            names = "--model-digest",
            paramLabel = "SHA256",
            defaultValue = "",
            description = "Only workers with this model may answer (default: any).")
    private String modelDigest;

    @Option(
            names = "--priority",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "Of what waits, the higher is drawn first, -1000 to 1000; batches of the same"
                            + " priority take turns (default: ${DEFAULT-VALUE}).")
    private int priority;

    @Override
    public void run() {
        var console = Console.of(spec);
        var settings =
                new PublishSettings(
                        run,
                        batch,
                        round.map(OptionalInt::of).orElse(OptionalInt.empty()),
                        seed,
                        candidates,
                        keep,
                        negativePrompt,
                        sampling.settings(),
                        modelDigest,
                        priority);
        var read = prompts.read(console);
        var publisher = new PromptPublisher(connection.connect());
        var count = read.accepted().size();
        try (var bar = new ProgressBar(console, "publish", count, "prompts")) {
            var report = publisher.publish(read, settings, (done, total) -> bar.reach(done));
            bar.skip(count - report.added());
            if (json.given()) {
                JsonOption.print(console, List.of(json(report)));
            } else {
                console.print(report.toString());
            }
        } catch (PublishException e) {
            throw new UserError(OptionNames.of(e.getMessage(), spec), e);
        }
    }

    private static ObjectNode json(PublishReport report) {
        var object = JsonNodeFactory.instance.objectNode().put("run", report.run());
        object.put("batch", report.batch()).put("round", report.round());
        return object.put("prompts", report.prompts()).put("added", report.added());
    }
}
