package io.mitune.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.clip.ClipTextConfig;
import io.mitune.diffusion.model.clip.ClipTextModel;
import io.mitune.diffusion.model.unet.UNet2DConditionModel;
import io.mitune.diffusion.model.unet.UNetConfig;
import io.mitune.diffusion.model.vae.AutoencoderKl;
import io.mitune.diffusion.model.vae.VaeConfig;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Torch;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import io.mitune.diffusion.scheduler.SchedulerConfig;
import io.mitune.diffusion.text.ClipTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The networks of one Stable Diffusion model, read from a diffusers directory.
 *
 * <p>All configurations and file headers are checked at once; the weights of the text encoder and
 * the autoencoder are read when first used, since a trainer on cached latents needs neither. Owns
 * all weights; {@link #close} frees them. One tensor job at a time.
 */
public final class StableDiffusion implements AutoCloseable {
    private static final String MODEL = "diffusion_pytorch_model";
    private static final List<String> OTHER_FILES =
            List.of(
                    "unet/config.json",
                    "vae/config.json",
                    "text_encoder/config.json",
                    "scheduler/scheduler_config.json",
                    "tokenizer/vocab.json",
                    "tokenizer/merges.txt",
                    "tokenizer/tokenizer.json",
                    "tokenizer/tokenizer_config.json",
                    "tokenizer/special_tokens_map.json");

    private final Path directory;
    private final LoadOptions options;
    private final NDManager manager;
    private final ClipTokenizer tokenizer;
    private final SchedulerConfig schedulerConfig;
    private final ClipTextConfig textConfig;
    private final VaeConfig vaeConfig;
    private final WeightFiles textFiles;
    private final WeightFiles unetFiles;
    private final WeightFiles vaeFiles;
    private final UNet2DConditionModel unet;
    private ClipTextModel textEncoder; // null until first used
    private AutoencoderKl vae; // null until first used
    private String digest; // null until first asked for

    private StableDiffusion(Path directory, LoadOptions options, NDManager manager) {
        this.directory = directory;
        this.options = options;
        this.manager = manager;
        ModelIndex.requireStableDiffusion(directory);
        tokenizer = ClipTokenizer.load(directory.resolve("tokenizer"));
        schedulerConfig =
                SchedulerConfig.read(directory.resolve("scheduler/scheduler_config.json"))
                        .forStableDiffusion();
        textConfig = ClipTextConfig.read(directory.resolve("text_encoder/config.json"));
        vaeConfig = VaeConfig.read(directory.resolve("vae/config.json"));
        var unetConfig = UNetConfig.read(directory.resolve("unet/config.json"));
        requireMatch(unetConfig);
        textFiles = WeightFiles.find(directory.resolve("text_encoder"), "model");
        vaeFiles = WeightFiles.find(directory.resolve("vae"), MODEL);
        unetFiles = WeightFiles.find(directory.resolve("unet"), MODEL);
        var weights = Weights.of(unetFiles, manager, options.dtype(), options.adapters());
        unet = new UNet2DConditionModel(weights, unetConfig);
        weights.requireAllRead();
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

    public ClipTokenizer tokenizer() {
        return tokenizer;
    }

    public SchedulerConfig schedulerConfig() {
        return schedulerConfig;
    }

    public UNet2DConditionModel unet() {
        return unet;
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
        return unet.config().sampleHeight() * vaeConfig.scale();
    }

    /** Width of a picture in pixels, when none is asked for. */
    public int defaultWidth() {
        return unet.config().sampleWidth() * vaeConfig.scale();
    }

    /** The autoencoder, read on the first call. */
    public synchronized AutoencoderKl vae() {
        if (vae == null) {
            var weights = Weights.of(vaeFiles, manager, options.vaeDtype(), Adapters.NONE);
            var network = new AutoencoderKl(weights, vaeConfig);
            weights.requireAllRead();
            vae = network;
        }
        return vae;
    }

    /**
     * The texts as the denoiser takes them.
     *
     * @param owner gets the result
     * @return [texts, L, D] fp32
     */
    public NDArray encode(NDManager owner, List<String> texts) {
        var ids = new long[texts.size()][];
        for (int i = 0; i < ids.length; i++) {
            var tokens = tokenizer.encode(texts.get(i));
            ids[i] = new long[tokens.length];
            for (int j = 0; j < tokens.length; j++) {
                ids[i][j] = tokens[j];
            }
        }
        try (var scratch = manager.newSubManager()) {
            var hidden = Dtype.FP32.cast(textEncoder().forward(scratch.create(ids)));
            hidden.attach(owner);
            return hidden;
        }
    }

    /** Names the model by the content of its files; see ModelDigest. */
    public synchronized String modelDigest() {
        if (digest == null) {
            var files = new ArrayList<Path>();
            List.of(textFiles, unetFiles, vaeFiles).forEach(f -> files.addAll(f.paths()));
            OTHER_FILES.stream()
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

    private synchronized ClipTextModel textEncoder() {
        if (textEncoder == null) {
            var weights = Weights.of(textFiles, manager, options.dtype(), Adapters.NONE);
            // transformers before 5 put the whole tower below this name
            boolean old = weights.holds("text_model.final_layer_norm.weight");
            var network = new ClipTextModel(old ? weights.in("text_model") : weights, textConfig);
            weights.requireAllRead();
            textEncoder = network;
        }
        return textEncoder;
    }

    private void requireMatch(UNetConfig unetConfig) {
        if (unetConfig.crossAttentionDim() != textConfig.hiddenSize()) {
            throw new ModelFileException(
                    directory.resolve("unet/config.json"),
                    "cross_attention_dim: expected %d as text_encoder's hidden_size, found %d"
                            .formatted(textConfig.hiddenSize(), unetConfig.crossAttentionDim()));
        }
        if (unetConfig.inChannels() != vaeConfig.latentChannels()) {
            throw new ModelFileException(
                    directory.resolve("unet/config.json"),
                    "in_channels: expected %d as vae's latent_channels, found %d"
                            .formatted(vaeConfig.latentChannels(), unetConfig.inChannels()));
        }
    }
}
