package io.mitune.diffusion.model;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.model.vae.AutoencoderKl;
import io.mitune.diffusion.model.vae.VaeConfig;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Torch;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import io.mitune.diffusion.scheduler.SchedulerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The networks of one Stable Diffusion model, read from a diffusers directory.
 *
 * <p>All configurations and file headers are checked at once; the weights of the text encoders and
 * the autoencoder are read when used, since a trainer on cached latents needs neither, and can be
 * released. Owns all weights; {@link #close} frees them. One tensor job at a time.
 */
public final class StableDiffusion implements AutoCloseable {
    private static final int MAX_SIDE = 4096;
    private static final List<String> OTHER_FILES =
            List.of("vae/config.json", "scheduler/scheduler_config.json");

    private final Path directory;
    private final LoadOptions options;
    private final NDManager manager;
    private final Family family;
    private final SchedulerConfig schedulerConfig;
    private final VaeConfig vaeConfig;
    private final WeightFiles vaeFiles;
    private final Parts parts;
    private AutoencoderKl vae; // null while nothing is loaded
    private NDManager vaeManager; // null while nothing is loaded
    private String digest; // null until first asked for

    private StableDiffusion(Path directory, LoadOptions options, NDManager manager) {
        this.directory = directory;
        this.options = options;
        this.manager = manager;
        family = ModelIndex.family(directory);
        var scheduler = SchedulerConfig.read(directory.resolve("scheduler/scheduler_config.json"));
        vaeConfig = VaeConfig.read(directory.resolve("vae/config.json"));
        vaeFiles = WeightFiles.find(directory.resolve("vae"), Parts.DIFFUSERS_NAME);
        parts =
                switch (family) {
                    case SD -> SdAssembly.read(directory, options, manager, vaeConfig);
                    case SDXL -> SdxlAssembly.read(directory, options, manager, vaeConfig);
                    case SD3 -> Sd3Assembly.read(directory, options, manager, vaeConfig);
                };
        var corrected =
                switch (family) {
                    case SD -> scheduler.forStableDiffusion();
                    case SDXL -> scheduler.forStableDiffusionXl();
                    case SD3 -> scheduler;
                };
        schedulerConfig = corrected.withPatchSize(parts.denoiser().sizeMultiple());
    }

    /**
     * Reads a model.
     *
     * @param directory with model_index.json, as diffusers writes it
     * @throws ModelFileException in one line: the file, what is wrong, what was expected
     */
    public static StableDiffusion load(Path directory, LoadOptions options) {
        Torch.setUp();
        var manager = NDManager.newBaseManager(options.device(), "PyTorch");
        try {
            var model = new StableDiffusion(directory, options, manager);
            Torch.releaseFreeMemory();
            return model;
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    public Family family() {
        return family;
    }

    /** The network that is asked and trained. */
    public Denoiser denoiser() {
        return parts.denoiser();
    }

    /** Tokenizers and text encoders. */
    public TextConditioner text() {
        return parts.text();
    }

    public SchedulerConfig schedulerConfig() {
        return schedulerConfig;
    }

    public VaeConfig vaeConfig() {
        return vaeConfig;
    }

    public LoadOptions options() {
        return options;
    }

    /** Owns the weights; sub-managers of it are on the right device. */
    public NDManager manager() {
        return manager;
    }

    /** Height of a picture in pixels, when none is asked for. */
    public int defaultHeight() {
        return parts.denoiser().sampleHeight() * vaeConfig.scale();
    }

    /** Width of a picture in pixels, when none is asked for. */
    public int defaultWidth() {
        return parts.denoiser().sampleWidth() * vaeConfig.scale();
    }

    /** The autoencoder, read when it is not there. */
    public synchronized AutoencoderKl vae() {
        if (vae == null) {
            Torch.releaseFreeMemory(); // of the denoiser's activations, which would lie idle
            vaeManager = manager.newSubManager();
            var weights = Weights.of(vaeFiles, vaeManager, options.vaeDtype(), Adapters.NONE);
            var network = new AutoencoderKl(weights, vaeConfig);
            weights.requireAllRead();
            vae = network;
        }
        return vae;
    }

    /** Frees the autoencoder's weights; what {@link #vae} gave is of no use afterwards. */
    public synchronized void releaseVae() {
        if (vae != null) {
            vaeManager.close();
            vae = null;
        }
    }

    /**
     * The texts as the denoiser takes them, each encoded alone, in one embedding.
     *
     * @param owner gets the result
     */
    public TextEmbedding encode(NDManager owner, List<String> texts) {
        try (var scratch = manager.newSubManager()) {
            var single = parts.text().encode(scratch, texts.stream().map(Optional::of).toList());
            return TextEmbedding.concat(owner, single);
        }
    }

    /**
     * C, H, W of the latents of a picture.
     *
     * @param height pixels; 0 means the model's own height
     * @param width likewise
     * @throws IllegalArgumentException in one line, when the model has no such latents
     */
    public Shape latentShape(int height, int width) {
        int scale = vaeConfig.scale();
        return new Shape(
                vaeConfig.latentChannels(),
                side("height", height == 0 ? defaultHeight() : height) / scale,
                side("width", width == 0 ? defaultWidth() : width) / scale);
    }

    private int side(String name, int pixels) {
        int multiple = vaeConfig.scale() * parts.denoiser().sizeMultiple();
        if (pixels < multiple || pixels > MAX_SIDE || pixels % multiple != 0) {
            throw new IllegalArgumentException(
                    "%s: expected a multiple of %d up to %d, found %d"
                            .formatted(name, multiple, MAX_SIDE, pixels));
        }
        return pixels;
    }

    /** Names the model by the content of its files; see ModelDigest. */
    public synchronized String modelDigest() {
        if (digest == null) {
            var files = new ArrayList<Path>();
            files.addAll(vaeFiles.paths());
            parts.weightFiles().forEach(f -> files.addAll(f.paths()));
            Stream.concat(OTHER_FILES.stream(), parts.otherFiles().stream())
                    .map(directory::resolve)
                    .filter(Files::isRegularFile)
                    .forEach(files::add);
            digest = ModelDigest.of(directory, files);
        }
        return digest;
    }

    @Override
    public void close() {
        manager.close();
    }
}
