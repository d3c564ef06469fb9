package io.mitune.app.adapter;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.ProgressBar;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.AdapterWeights;
import io.mitune.diffusion.adapter.BaseModel;
import io.mitune.diffusion.adapter.FullWeights;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.safetensors.ModelFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what is in an adapter file, which exports keep it, and how far it moves a model. */
@Command(
        name = "inspect",
        description = "Tell what is in an adapter and which forms keep it exactly.",
        mixinStandardHelpOptions = true)
public final class InspectAdapterCommand implements Callable<Integer> {
    /** Under this name the trainer writes what it trained on. */
    private static final String MODEL_DIGEST = "mitune.model_digest";

    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "ADAPTER", description = "File or folder in any form that is read.")
    private Path input;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Model to compare with: does it fit, how far is each layer moved?")
    private Optional<Path> model = Optional.empty();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        var console = Console.of(spec);
        var base = model.map(BaseModel::open);
        var stored = AdapterFile.open(input, base);
        var fit = base.map(b -> fit(console, b, stored.adapter()));
        var report = new AdapterReport(input.toString(), stored, fit);
        if (json) {
            console.print(report.json().toPrettyString());
        } else {
            report.lines().forEach(console::print);
        }
        return 0;
    }

    private AdapterReport.Fit fit(Console console, BaseModel base, AdapterWeights adapter) {
        var name = model.orElseThrow().toString();
        try {
            base.requireFits(adapter);
        } catch (ModelFileException e) {
            return new AdapterReport.Fit(
                    name, Optional.of(e.getMessage()), Optional.empty(), Map.of());
        }
        try (var weights = new FullWeights(base, adapter);
                var bar =
                        new ProgressBar(console, "inspect", adapter.modules().size(), "modules")) {
            var changes = weights.relativeChanges(() -> bar.advance(1));
            return new AdapterReport.Fit(name, Optional.empty(), trainedOn(base, adapter), changes);
        }
    }

    /** Whether the model's digest is the one that the trainer noted; empty where there is none. */
    private static Optional<Boolean> trainedOn(BaseModel base, AdapterWeights adapter) {
        var noted = Optional.ofNullable(adapter.metadata().get(MODEL_DIGEST));
        return noted.flatMap(
                digest -> {
                    var options = LoadOptions.plain().with(base.storedDtype());
                    try (var model = StableDiffusion.load(base.directory(), options)) {
                        return Optional.of(digest.equals(model.modelDigest()));
                    } catch (ModelFileException e) {
                        return Optional.empty(); // a denoiser alone is no pipeline
                    }
                });
    }
}
