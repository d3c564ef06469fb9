package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.model.StableDiffusion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * From texts to latents and pictures with one model: what workers, evaluators and the command line
 * share.
 *
 * <p>Works on the model it is given and never closes it. An adapter that is merged between two
 * requests takes effect, since it leaves the text encoders alone. Not thread-safe: one tensor job
 * at a time on a device.
 */
public final class ImageGenerator implements AutoCloseable {
    private final StableDiffusion model;
    private final NDManager manager;
    private final TextCache texts;

    public ImageGenerator(StableDiffusion model) {
        this.model = model;
        manager = model.manager().newSubManager();
        texts = new TextCache(manager, model.text());
    }

    /**
     * Draws, and scores where the settings say so.
     *
     * @throws IllegalArgumentException in one line, when the request cannot be met
     * @throws java.util.concurrent.CancellationException when the listener asks to stop
     */
    public Samples generate(SamplingRequest request, SamplingListener listener) {
        var latent = model.latentShape(request.height(), request.width());
        try {
            var wanted = new ArrayList<Optional<String>>();
            for (var entry : request.entries()) {
                wanted.add(Optional.of(entry.prompt()));
                wanted.add(entry.negative());
            }
            var embedded = texts.get(wanted);
            var specs = new ArrayList<SampleSpec>();
            for (var entry : request.entries()) {
                specs.add(
                        new SampleSpec(
                                entry.seed(),
                                embedded.get(Optional.of(entry.prompt())),
                                embedded.get(entry.negative()),
                                entry.start()));
            }
            return new Sampler(manager, model.denoiser()::forward, model.schedulerConfig())
                    .sample(request.settings(), latent, specs, listener);
        } finally {
            texts.trim();
        }
    }

    /** The pictures of samples, in their order; a sample that is not finite gives a black one. */
    public List<RgbImage> decode(Samples samples) {
        var latents = samples.samples().stream().map(Sample::latents).toList();
        return decode(latents, samples.latentShape());
    }

    /** The pictures of latents, C x H x W values each. */
    public List<RgbImage> decode(List<float[]> latents, Shape latent) {
        try {
            return new LatentDecoder(manager, model.vae()).decode(latents, latent);
        } finally {
            model.releaseVae();
        }
    }

    /** Frees the embeddings it keeps; the model stays open. */
    @Override
    public void close() {
        manager.close();
    }
}
