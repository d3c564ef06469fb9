package io.mitune.diffusion.training;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.adapter.TrainableAdapter;
import io.mitune.diffusion.model.Denoiser;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.nn.Linear;
import java.nio.file.Path;
import java.util.HashSet;

/**
 * A frozen model whose denoiser was built with a trainable adapter.
 *
 * <p>Apart from the models that generate, because its layers run with the adapter beside the
 * weights instead of merged into them. Owns the model. Not thread-safe.
 *
 * @param base the model; its weights never require gradients
 * @param adapter sits on the denoiser's target layers
 */
public record TrainableModel(StableDiffusion base, TrainableAdapter adapter)
        implements AutoCloseable {

    /**
     * Loads a diffusers directory for training.
     *
     * @throws IllegalArgumentException if a target module cannot be adapted
     */
    public static TrainableModel load(Path model, Device device, TrainingConfig config) {
        var adapter = new TrainableAdapter(config.adapter(), config.dtype());
        var options = LoadOptions.plain().with(device).with(config.dtype()).with(adapter);
        var base = StableDiffusion.load(model, options);
        try {
            requireAdaptable(base.denoiser(), adapter);
            return new TrainableModel(base, adapter);
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    /** An adapter on another layer would be trained by nothing and change nothing. */
    private static void requireAdaptable(Denoiser denoiser, TrainableAdapter adapter) {
        var paths = new HashSet<String>();
        denoiser.projections().stream().map(Linear::path).forEach(paths::add);
        adapter.paths().stream()
                .filter(path -> !paths.contains(path))
                .findFirst()
                .ifPresent(
                        path -> {
                            throw new IllegalArgumentException(
                                    "adapter target_modules: expected projections of attention,"
                                            + " found "
                                            + path);
                        });
    }

    /** Owner of the model's arrays; the trainer makes its own below it. */
    public NDManager manager() {
        return base.manager();
    }

    /** The network that is trained. */
    public Denoiser denoiser() {
        return base.denoiser();
    }

    @Override
    public void close() {
        base.close();
    }
}
