package io.mitune.diffusion.training;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.adapter.AdapterLayout;
import io.mitune.diffusion.adapter.TrainableAdapter;
import io.mitune.diffusion.model.unet.UNet2DConditionModel;
import io.mitune.diffusion.model.unet.UNetConfig;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Torch;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.WeightFiles;
import io.mitune.diffusion.scheduler.NoiseSchedule;
import io.mitune.diffusion.scheduler.PredictionType;
import io.mitune.diffusion.scheduler.SchedulerConfig;
import java.nio.file.Path;
import java.util.HashSet;

/**
 * A frozen UNet with the adapter that it was built with, and the process it was trained on.
 *
 * <p>Apart from the models that generate, because its layers run with the adapter beside the
 * weights instead of merged into them. Owns all its arrays. Not thread-safe.
 *
 * @param manager owner of the weights; the trainer makes its own below it
 * @param unet the network; its weights never require gradients
 * @param adapter sits on the network's target layers
 * @param schedule abar by timestep
 * @param prediction what the network predicts
 */
public record TrainableModel(
        NDManager manager,
        UNet2DConditionModel unet,
        TrainableAdapter adapter,
        NoiseSchedule schedule,
        PredictionType prediction)
        implements AutoCloseable {

    /**
     * Loads the UNet of a diffusers directory; text encoder and VAE are not needed.
     *
     * @param model the directory with {@code unet} and {@code scheduler}
     */
    public static TrainableModel load(Path model, Device device, TrainingConfig config) {
        Torch.setUp();
        var scheduler =
                SchedulerConfig.read(model.resolve("scheduler").resolve("scheduler_config.json"));
        var folder = model.resolve("unet");
        var adapter = new TrainableAdapter(config.adapter());
        var manager = NDManager.newBaseManager(device, "PyTorch");
        try {
            var files = WeightFiles.find(folder, "diffusion_pytorch_model");
            var weights = Weights.of(files, manager, config.dtype(), adapter);
            var unet =
                    new UNet2DConditionModel(
                            weights, UNetConfig.read(folder.resolve("config.json")));
            weights.requireAllRead();
            requireAdaptable(unet, adapter.layout());
            return new TrainableModel(
                    manager, unet, adapter, scheduler.noiseSchedule(), scheduler.predictionType());
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** An adapter on another layer would be trained by nothing and change nothing. */
    private static void requireAdaptable(UNet2DConditionModel unet, AdapterLayout layout) {
        var paths = new HashSet<String>();
        unet.projections().stream().map(Linear::path).forEach(paths::add);
        layout.layers().stream()
                .map(AdapterLayout.Layer::path)
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

    @Override
    public void close() {
        manager.close();
    }
}
