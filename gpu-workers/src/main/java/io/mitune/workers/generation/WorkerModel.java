package io.mitune.workers.generation;

import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.MergedAdapter;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.sampling.LatentDecoder;
import io.mitune.diffusion.sampling.Sample;
import io.mitune.diffusion.sampling.SampleSpec;
import io.mitune.diffusion.sampling.Sampler;
import io.mitune.diffusion.sampling.Samples;
import io.mitune.diffusion.sampling.SamplingListener;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.sampling.TextCache;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The model of a worker with the adapter that the task at hand asks for.
 *
 * <p>The adapter is merged into the weights, so an adapted model is as fast as the base. It stays
 * until another is asked for: tasks of one round share it. Not thread-safe; whoever calls holds the
 * device.
 */
public final class WorkerModel implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerModel.class);

    /** Prompts come in several tasks; at 77 x 1024 fp32 this is about 80 MB. */
    private static final int TEXTS = 256;

    private final StableDiffusion model;
    private final MergedAdapter slot;
    private final TextCache texts;
    private final Sampler sampler;
    private Optional<String> adapter = Optional.empty();
    private double adapterChange;

    private WorkerModel(StableDiffusion model, MergedAdapter slot) {
        this.model = model;
        this.slot = slot;
        texts = new TextCache(model.manager(), model.text(), TEXTS);
        sampler = new Sampler(model.manager(), model.denoiser()::forward, model.schedulerConfig());
    }

    /**
     * Loads a diffusers directory.
     *
     * @param options device and dtypes; its adapters are replaced by this worker's own
     */
    public static WorkerModel load(Path directory, LoadOptions options) {
        var slot = new MergedAdapter(options.dtype());
        return new WorkerModel(StableDiffusion.load(directory, options.with(slot)), slot);
    }

    /** Names the base model by its content. */
    public String digest() {
        return model.modelDigest();
    }

    public StableDiffusion base() {
        return model;
    }

    /**
     * Puts an adapter in place, or the base model.
     *
     * @throws BlobException in one line when the adapter is missing, damaged or another model's;
     *     then the one before stays
     */
    public void use(Optional<BlobRef> wanted, BlobStore blobs) {
        var sha256 = wanted.map(BlobRef::getSha256);
        if (sha256.equals(adapter)) {
            return;
        }
        if (wanted.isEmpty()) {
            slot.clear();
        } else {
            blobs.get(wanted.get());
            try {
                slot.merge(AdapterFile.read(blobs.resolve(wanted.get())));
            } catch (ModelFileException e) {
                throw new BlobException(e.getMessage(), e);
            }
        }
        adapter = sha256;
        adapterChange = slot.relativeChange();
        log.info("adapter {} in place", sha256.map(s -> s.substring(0, 12)).orElse("none"));
    }

    /** Greatest |W' - W| / |W| of any adapted matrix; 0 for the base model. */
    public double adapterChange() {
        return adapterChange;
    }

    /** The embedding of a prompt; stays the model's and is valid for the next samples. */
    public TextEmbedding text(String text) {
        return texts.get(text);
    }

    /** The embedding of what guidance moves away from, likewise; "" is to say nothing. */
    public TextEmbedding unconditional(String negative) {
        return texts.unconditional(Optional.of(negative).filter(text -> !text.isEmpty()));
    }

    /** Draws samples; see {@link Sampler#sample}. */
    public Samples sample(
            SamplingSettings settings,
            Shape latent,
            List<SampleSpec> specs,
            SamplingListener listener) {
        texts.releaseEncoders();
        try {
            return sampler.sample(settings, latent, specs, listener);
        } finally {
            texts.trim();
        }
    }

    /** The pictures of samples, in order; those that are no numbers are left out. */
    public List<RgbImage> decode(List<Sample> samples, Shape latent) {
        var latents = samples.stream().filter(Sample::finite).map(Sample::latents).toList();
        try {
            return new LatentDecoder(model.manager(), model.vae()).decode(latents, latent);
        } finally {
            model.releaseVae();
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
