package io.mitune.diffusion.training;

import ai.djl.Device;
import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.random.RandomStream;
import io.mitune.diffusion.training.LearningRateSchedule.Kind;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;

/** A tiny random UNet of three levels, random samples, and a recipe with everything switched on. */
final class TinyTraining {
    static final Path MODEL = Path.of("src/test/resources/parity/velocity-fp16/model");
    private static final long[] LATENT = {4, 10, 6};
    private static final long[] TEXT = {5, 12};

    private TinyTraining() {}

    /** At rank 1 some layers are narrow enough to build their sum and some are not. */
    static TrainingConfig config() {
        return TrainingConfig.official(Family.SD)
                .with(
                        c -> {
                            c.adapter = new DoraConfig(1, 1.5, DoraConfig.ATTENTION, true);
                            c.optimizer = OptimizerConfig.defaults().withLearningRate(1e-3);
                            c.loss = new LossConfig(5, 0.1, 0.3);
                            c.emaDecay = 0.9;
                            c.schedule = new LearningRateSchedule(Kind.COSINE, 2);
                            c.batches = new BatchPlan(3, 2, 8);
                        });
    }

    static TrainableModel model(TrainingConfig config) {
        return TrainableModel.load(MODEL, Device.cpu(), config);
    }

    static SampleSet samples(TrainableModel model, int count) {
        return samples(ReplicatedModel.of(model), count);
    }

    static SampleSet samples(ReplicatedModel model, int count) {
        var samples = new ArrayList<TrainingSample>();
        for (int i = 0; i < count; i++) {
            samples.add(
                    new TrainingSample(
                            normals(i, 240),
                            LATENT,
                            new EncodedCaption(normals(100 + i, 60), TEXT)));
        }
        return model.upload(samples, new EncodedCaption(normals(99, 60), TEXT));
    }

    /** A batch of three with timesteps from all over. */
    static TrainingBatch batch(TrainableModel model) {
        var m = model.manager();
        var shape = new ai.djl.ndarray.types.Shape(3, 4, 10, 6);
        return new TrainingBatch(
                m.create(normals(1, 720), shape),
                m.create(normals(2, 720), shape),
                new int[] {3, 500, 950},
                TextEmbedding.of(
                        m.create(normals(3, 180), new ai.djl.ndarray.types.Shape(3, 5, 12))));
    }

    static float[] normals(long name, int count) {
        var values = new float[count];
        new RandomStream(name, 1, 0).fillGaussian(FloatBuffer.wrap(values));
        return values;
    }
}
