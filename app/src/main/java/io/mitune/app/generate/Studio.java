package io.mitune.app.generate;

import ai.djl.Device;
import io.mitune.app.cli.ModelOptions;
import io.mitune.diffusion.adapter.AdapterWeights;
import io.mitune.diffusion.adapter.MergedAdapter;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.sampling.ImageGenerator;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A loaded model for the commands that need no Kafka.
 *
 * <p>Adapters are merged into the weights, so one loaded model serves base and adapters in turn.
 * Owns the model. Not thread-safe: one tensor job at a time.
 */
public final class Studio implements AutoCloseable {
    private final MergedAdapter adapters;
    private final StableDiffusion model;
    private final ImageGenerator generator;

    /** Loads the model that the command line names. */
    public Studio(ModelOptions options) {
        this(options.directory(), options.device(), options.dtype());
    }

    /** Loads a model. */
    public Studio(Path directory, Device device, Dtype dtype) {
        adapters = new MergedAdapter(dtype);
        var loading = LoadOptions.plain().with(device).with(dtype).with(adapters);
        model = StableDiffusion.load(directory, loading);
        generator = new ImageGenerator(model);
    }

    /** The model, for its sizes and its digest. */
    public StableDiffusion model() {
        return model;
    }

    /** Draws with the model and the adapter in use. */
    public ImageGenerator generator() {
        return generator;
    }

    /** Draws with this adapter from now on, or with the base model. */
    public void use(Optional<AdapterWeights> adapter) {
        adapter.ifPresentOrElse(adapters::merge, adapters::clear);
    }

    @Override
    public void close() {
        generator.close();
        adapters.close();
        model.close();
    }
}
