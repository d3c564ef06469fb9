package io.mitune.app.generate;

import ai.djl.ndarray.types.Shape;
import io.mitune.app.cli.ModelOptions;
import io.mitune.app.cli.UserError;
import io.mitune.diffusion.adapter.AdapterWeights;
import io.mitune.diffusion.adapter.MergedAdapter;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.sampling.Sample;
import io.mitune.diffusion.sampling.SampleSpec;
import io.mitune.diffusion.sampling.Sampler;
import io.mitune.diffusion.sampling.Samples;
import io.mitune.diffusion.sampling.SamplingListener;
import io.mitune.diffusion.sampling.SamplingSettings;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * A loaded model that draws pictures for the commands that need no Kafka.
 *
 * <p>Adapters are merged into the weights, so one loaded model serves base and adapters in turn.
 * Owns the model. Not thread-safe: one tensor job at a time.
 */
public final class Studio implements AutoCloseable {
    private final MergedAdapter adapters;
    private final StableDiffusion model;

    /** One picture to draw. */
    public record Wish(String prompt, String negativePrompt, long seed, Optional<float[]> start) {}

    /** Loads the model. */
    public Studio(ModelOptions options) {
        adapters = new MergedAdapter(options.dtype());
        model = StableDiffusion.load(options.directory(), options.loading(adapters));
    }

    /** The model, for its sizes and its digest. */
    public StableDiffusion model() {
        return model;
    }

    /** Draws with this adapter from now on, or with the base model. */
    public void use(Optional<AdapterWeights> adapter) {
        adapter.ifPresentOrElse(adapters::merge, adapters::clear);
    }

    /**
     * Shape of the latents, C x H x W, of pictures of this size.
     *
     * @param height pixels, 0 for the model's own
     * @param width pixels, 0 for the model's own
     */
    public Shape latentShape(int height, int width) {
        var scale = model.vaeConfig().scale();
        var h = height == 0 ? model.defaultHeight() : height;
        var w = width == 0 ? model.defaultWidth() : width;
        if (h % scale != 0 || w % scale != 0) {
            throw new UserError(
                    "--height, --width: expected multiples of %d for this model, found %d and %d"
                            .formatted(scale, h, w));
        }
        return new Shape(model.unet().config().inChannels(), h / scale, w / scale);
    }

    /** Draws one sample per wish, in order. */
    public Samples draw(
            List<Wish> wishes, SamplingSettings settings, Shape latent, SamplingListener listener) {
        try (var scratch = model.manager().newSubManager()) {
            var texts = new LinkedHashSet<String>();
            wishes.forEach(wish -> texts.add(wish.negativePrompt()));
            wishes.forEach(wish -> texts.add(wish.prompt()));
            var order = List.copyOf(texts);
            var embeddings = model.encode(scratch, order).split(order.size());
            var specs = new ArrayList<SampleSpec>();
            for (var wish : wishes) {
                specs.add(
                        new SampleSpec(
                                wish.seed(),
                                embeddings.get(order.indexOf(wish.prompt())),
                                embeddings.get(order.indexOf(wish.negativePrompt())),
                                wish.start()));
            }
            var sampler = new Sampler(scratch, model.unet()::forward, model.schedulerConfig());
            return sampler.sample(settings, latent, specs, listener);
        }
    }

    /** The picture of one sample, whose latents must be finite. */
    public RgbImage decode(Sample sample, Shape latent) {
        try (var scratch = model.manager().newSubManager()) {
            var z = scratch.create(sample.latents(), new Shape(1).addAll(latent));
            var image = model.vae().decode(z.div(model.vaeConfig().scalingFactor()));
            image.attach(scratch);
            var height = Math.toIntExact(image.getShape().get(2));
            var width = Math.toIntExact(image.getShape().get(3));
            var planes = image.toFloatArray();
            var pixels = new byte[3 * height * width];
            for (var p = 0; p < height * width; p++) {
                for (var c = 0; c < 3; c++) {
                    var value = Math.max(-1, Math.min(1, planes[c * height * width + p]));
                    pixels[3 * p + c] = (byte) Math.rint((value + 1) * 127.5f);
                }
            }
            return new RgbImage(width, height, pixels);
        }
    }

    @Override
    public void close() {
        adapters.close();
        model.close();
    }
}
