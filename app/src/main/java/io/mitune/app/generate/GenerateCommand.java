package io.mitune.app.generate;

import ai.djl.Device;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.DeviceOptions;
import io.mitune.app.cli.ModelOptions;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.PromptOptions;
import io.mitune.app.cli.SamplingOptions;
import io.mitune.app.cli.UserError;
import io.mitune.diffusion.devices.PerDevice;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.SamplingSettings;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Draws pictures with a model and an adapter; a killed run goes on where it was. */
@Command(
        name = "generate",
        description = "Draw pictures, and score them by MI on the way.",
        mixinStandardHelpOptions = true)
public final class GenerateCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ModelOptions model;
    @Mixin private DeviceOptions devices;
    @Mixin private PromptOptions prompts;
    @Mixin private AdapterOptions adapters;
    @Mixin private SamplingOptions sampling = new SamplingOptions("ddim", 50, 7.5);

    @Option(
            names = "--negative-prompt",
            paramLabel = "TEXT",
            description =
                    "Text of the unconditional branch; none is not the same as \"\" where the"
                            + " model takes zeros for none, as SDXL does (default: none).")
    private Optional<String> negativePrompt = Optional.empty();

    @Option(
            names = "--num-images-per-prompt",
            paramLabel = "K",
            defaultValue = "1",
            description = "Images per prompt (default: ${DEFAULT-VALUE}).")
    private int perPrompt;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "42",
            description = "Each image's noise follows from it and the image's index (default: 42).")
    private long seed;

    @Option(
            names = "--adapter",
            paramLabel = "PATH|RUN@VERSION",
            description = {
                "Adapter: a diffusers file, a peft folder, or a version of a run, as `adapters"
                        + " list` has them.",
                "RUN@current is in use now; RUN@best has the best mean MI over the validation"
                        + " prompts (test prompts never choose)."
            })
    private Optional<String> adapter = Optional.empty();

    @Option(
            names = "--latents",
            paramLabel = "FILE",
            description = "Start noise, safetensors, key latents, [images, C, H, W].")
    private Optional<Path> latents = Optional.empty();

    @Option(
            names = "--output-type",
            paramLabel = "TYPE",
            defaultValue = "png",
            description = "png or latent (default: ${DEFAULT-VALUE}).")
    private String outputType;

    @Option(names = "--mi", description = "Score by point-wise mutual information.")
    private boolean mi;

    @Option(
            names = "--micro-batch",
            paramLabel = "N",
            description = "Images per denoiser call (default: by the size of the latents).")
    private Optional<Integer> microBatch = Optional.empty();

    @Option(
            names = "--output",
            paramLabel = "DIR",
            defaultValue = "generated",
            description = "Output folder (default: ${DEFAULT-VALUE}).")
    private Path output;

    @Override
    public Integer call() throws IOException {
        var console = Console.of(spec);
        var store = store();
        require(perPrompt, 1, RequestLimits.MAX_CANDIDATES, "--num-images-per-prompt");
        microBatch.ifPresent(n -> require(n, 1, 4096, "--micro-batch"));
        negativePrompt
                .flatMap(text -> RequestLimits.textFault("--negative-prompt", text, 0))
                .ifPresent(
                        fault -> {
                            throw new UserError(fault);
                        });
        sampling.settings(Family.of(model.directory()));
        var read = prompts.read(console);
        var starts = latents.map(StartLatents::read);
        var used = adapter.map(adapters::read);
        var on = devices.devices(model);
        try (var studios = PerDevice.load(on, this::load, Studio::close)) {
            var loaded = studios.first().model();
            used.ifPresent(a -> a.requireModel(loaded.modelDigest()));
            studios.all(studio -> studio.use(used.map(UsedAdapter::weights)));
            var wanted = sized(loaded, starts);
            var latent = loaded.latentShape(wanted.getHeight(), wanted.getWidth());
            var settings =
                    new GenerateSettings(
                            read.accepted(),
                            perPrompt,
                            negativePrompt,
                            wanted,
                            seed,
                            latent,
                            starts,
                            mi,
                            microBatch.orElse(MicroBatch.fitting(latent)),
                            model.dtype().label(),
                            loaded.modelDigest(),
                            loaded.family().key(),
                            used,
                            store.type());
            starts.ifPresent(s -> s.require(settings.images(), latent));
            return draw(console, studios, settings, store);
        } catch (FileSystemException e) {
            throw e; // names its file
        } catch (IOException e) {
            throw new UserError(output + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** The sampler settings; start noise says the size unless the options do. */
    private SamplingSettings sized(StableDiffusion model, Optional<StartLatents> starts) {
        var wanted = sampling.settings(model.family());
        if (starts.isEmpty() || wanted.getHeight() != 0 || wanted.getWidth() != 0) {
            return wanted;
        }
        var scale = model.vaeConfig().scale();
        return SamplingSettings.newBuilder(wanted)
                .setHeight(Math.multiplyExact(starts.get().height(), scale))
                .setWidth(Math.multiplyExact(starts.get().width(), scale))
                .build();
    }

    private int draw(
            Console console,
            PerDevice<Studio> studios,
            GenerateSettings settings,
            PictureStore store)
            throws IOException {
        var album = Album.open(output, settings, store);
        try (var bar = new ProgressBar(console, "generate", settings.images(), "images")) {
            bar.skip(album.count());
            new Drawing(settings, album, store.needsImages(), bar).run(studios);
        }
        var failed = album.finish();
        if (failed > 0) {
            throw new UserError(
                    "%s: expected finite latents, found %d images of %d that broke down;"
                            + " see failure in metadata.jsonl"
                                    .formatted(output, failed, settings.images()));
        }
        console.print("%d images in %s".formatted(settings.images(), output));
        return 0;
    }

    private Studio load(Device device) {
        return new Studio(model.directory(), device, model.dtype());
    }

    private PictureStore store() {
        return switch (outputType) {
            case "png" -> new PngStore(output);
            case "latent" -> new LatentsStore(output);
            default ->
                    throw new UserError(
                            "--output-type: expected png or latent, found " + outputType);
        };
    }

    private static void require(int value, int min, int max, String option) {
        if (value < min || value > max) {
            throw new UserError(
                    "%s: expected %d to %d, found %d".formatted(option, min, max, value));
        }
    }
}
