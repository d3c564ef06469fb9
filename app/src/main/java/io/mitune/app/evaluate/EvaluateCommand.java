package io.mitune.app.evaluate;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.JsonOption;
import io.mitune.app.cli.ModelOptions;
import io.mitune.app.cli.OutputFile;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.PromptOptions;
import io.mitune.app.cli.SamplingOptions;
import io.mitune.app.cli.TextTable;
import io.mitune.app.cli.UserError;
import io.mitune.app.generate.AdapterOptions;
import io.mitune.app.generate.MicroBatch;
import io.mitune.app.generate.Studio;
import io.mitune.app.generate.UsedAdapter;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.schemas.RequestLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares a model with its adapters on the same prompts and seeds. */
@Command(
        name = "evaluate",
        description = "Measure alignment of a model and of adapters: exact accuracy, mean MI.",
        customSynopsis = {
            "mitune evaluate --model=DIR (--prompts=FILE | --prompt=TEXT...) [OPTIONS]",
            "       mitune evaluate --album=[NAME=]DIR... [OPTIONS]"
        },
        mixinStandardHelpOptions = true)
public final class EvaluateCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ModelOptions model;
    @Mixin private PromptOptions prompts;
    @Mixin private AdapterOptions adapterOptions;
    @Mixin private AlbumOptions albumOptions;
    @Mixin private JsonOption json;
    @Mixin private SamplingOptions sampling = new SamplingOptions("ddim", 50, 7.5);

    @Option(
            names = "--adapter",
            paramLabel = "[NAME=]PATH|RUN@VERSION",
            description =
                    "Adapter to compare with the base model, as for generate; may be repeated.")
    private List<String> adapters = new ArrayList<>();

    @Option(
            names = "--num-images-per-prompt",
            paramLabel = "K",
            defaultValue = "8",
            description = "Images per prompt (default: ${DEFAULT-VALUE}).")
    private int perPrompt;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "42",
            description = "Seed of the images, the same for all adapters (default: 42).")
    private long seed;

    @Option(
            names = "--micro-batch",
            paramLabel = "N",
            description = "Images per denoiser call (default: by the size of the latents).")
    private Optional<Integer> microBatch = Optional.empty();

    @Option(names = "--output", paramLabel = "FILE", description = "Write everything as JSON too.")
    private Optional<Path> output = Optional.empty();

    @Override
    public Integer call() throws IOException {
        var console = Console.of(spec);
        output.ifPresent(OutputFile::prepare);
        albumOptions.csv().ifPresent(OutputFile::prepare);
        if (albumOptions.given()) {
            requireNoDrawing();
            return evaluateAlbums(console);
        }
        if (perPrompt < 1 || perPrompt > RequestLimits.MAX_CANDIDATES) {
            throw new UserError(
                    "--num-images-per-prompt: expected 1 to %d, found %d"
                            .formatted(RequestLimits.MAX_CANDIDATES, perPrompt));
        }
        var wanted = sampling.settings(Family.of(model.directory()));
        var read = prompts.read(console);
        var arms = new LinkedHashMap<String, Optional<UsedAdapter>>();
        arms.put("base", Optional.empty());
        adapters.forEach(text -> addAdapter(arms, text));
        try (var studio = new Studio(model)) {
            var latent = studio.model().latentShape(wanted.getHeight(), wanted.getWidth());
            var sampler =
                    new SamplingSettings(
                            SchedulerKind.of(wanted.getScheduler()),
                            wanted.getNumInferenceSteps(),
                            wanted.getGuidanceScale(),
                            Score.OFFICIAL,
                            microBatch.orElse(MicroBatch.fitting(latent)));
            var evaluator =
                    new Evaluator(
                            read.accepted(),
                            perPrompt,
                            seed,
                            sampler,
                            wanted.getHeight(),
                            wanted.getWidth());
            report(console, run(console, studio, evaluator, arms));
        }
        return 0;
    }

    private static Comparison run(
            Console console,
            Studio studio,
            Evaluator evaluator,
            Map<String, Optional<UsedAdapter>> arms) {
        var results = new ArrayList<Arm>();
        var total = (long) arms.size() * evaluator.images();
        try (var bar = new ProgressBar(console, "evaluate", total, "images")) {
            arms.forEach(
                    (name, adapter) -> {
                        adapter.ifPresent(a -> a.requireModel(studio.model().modelDigest()));
                        studio.use(adapter.map(UsedAdapter::weights));
                        results.add(
                                evaluator.run(
                                        name, studio.generator(), bar, Evaluator.Viewer.NONE));
                    });
        }
        return new Comparison(results);
    }

    /** Pictures that are there are neither drawn again nor compared with others that are. */
    private void requireNoDrawing() {
        var parsed = spec.commandLine().getParseResult();
        for (var option : List.of("--model", "--adapter", "--prompt", "--prompts")) {
            if (parsed.hasMatchedOption(option)) {
                throw new UserError(
                        "--album: expected no %s, found one; generate draws, evaluate compares"
                                .formatted(option));
            }
        }
    }

    private int evaluateAlbums(Console console) throws IOException {
        var arms = AlbumArms.read(albumOptions, console);
        var comparison = arms.comparison();
        report(console, comparison);
        if (!comparison.scores().isEmpty() && !json.given()) {
            console.print("");
            TextTable.lines(Correlations.header(), Correlations.rows(comparison))
                    .forEach(console::print);
        }
        if (albumOptions.csv().isPresent()) {
            Files.write(
                    albumOptions.csv().get(), ImagesCsv.lines(arms.images(), comparison.scores()));
        }
        return 0;
    }

    private void report(Console console, Comparison comparison) throws IOException {
        if (json.given()) {
            JsonOption.print(console, List.of(ComparisonJson.of(comparison)));
        } else {
            TextTable.lines(comparison.header(), comparison.rows()).forEach(console::print);
        }
        if (output.isPresent()) {
            Files.writeString(output.get(), ComparisonJson.of(comparison).toPrettyString() + "\n");
        }
    }

    private void addAdapter(Map<String, Optional<UsedAdapter>> arms, String text) {
        var named = text.matches("[A-Za-z0-9._-]+=.+");
        var adapter = adapterOptions.read(named ? text.substring(text.indexOf('=') + 1) : text);
        var ownName = adapter.origin().isPresent() ? adapter.name() : "adapter" + arms.size();
        var name = named ? text.substring(0, text.indexOf('=')) : ownName;
        if (arms.putIfAbsent(name, Optional.of(adapter)) != null) {
            throw new UserError("--adapter: expected different names, found " + name + " twice");
        }
    }
}
