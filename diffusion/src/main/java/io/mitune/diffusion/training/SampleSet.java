package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.nn.Script;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Samples on the device, uploaded once; batches are taken from them by index.
 *
 * <p>Row 0 of the encodings is the empty prompt's, which dropped captions are replaced by. Owns its
 * arrays. Not thread-safe.
 */
public final class SampleSet implements AutoCloseable {
    private static final Script SELECT =
            Script.of("x: Tensor, i: Tensor", "Tensor", "return torch.index_select(x, 0, i)");

    private final long[] latentShape;
    private final long[] encodingShape;
    private NDArray latents;
    private NDArray encodings;

    private SampleSet(TrainingSample like, NDArray latents, NDArray encodings) {
        this.latentShape = like.latentShape();
        this.encodingShape = like.encodingShape();
        this.latents = latents;
        this.encodings = encodings;
    }

    /**
     * Uploads samples, all of one shape.
     *
     * @param emptyEncoding the text encoding of "", [L, D] row-major, for caption dropout
     */
    public static SampleSet upload(
            NDManager manager, List<TrainingSample> samples, float[] emptyEncoding) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("training samples: expected at least 1, found none");
        }
        var first = samples.get(0);
        var empty =
                new TrainingSample(
                        first.latents(), first.latentShape(), emptyEncoding, first.encodingShape());
        var set =
                new SampleSet(
                        first,
                        manager.create(new Shape(0).addAll(new Shape(first.latentShape()))),
                        row(manager, empty.encodingShape(), emptyEncoding));
        set.append(samples);
        return set;
    }

    /** Adds samples behind those that are there. */
    public void append(List<TrainingSample> samples) {
        samples.forEach(this::requireSameShape);
        latents = longer(latents, latentShape, samples, TrainingSample::latents);
        encodings = longer(encodings, encodingShape, samples, TrainingSample::encoderHiddenStates);
    }

    /** Number of samples. */
    public int size() {
        return (int) encodings.getShape().get(0) - 1;
    }

    /** {C, H, W}. */
    public long[] latentShape() {
        return latentShape.clone();
    }

    /**
     * The samples of a pass with their random choices.
     *
     * @param scratch owner of the result
     * @param indices which samples
     */
    TrainingBatch batch(NDManager scratch, int[] indices, Draw draw) {
        long count = indices.length;
        var rows = new long[indices.length];
        var encodingRows = new long[indices.length];
        for (int i = 0; i < indices.length; i++) {
            rows[i] = indices[i];
            encodingRows[i] = draw.dropped()[i] ? 0 : indices[i] + 1;
        }
        var noiseShape = new Shape(count).addAll(new Shape(latentShape));
        return new TrainingBatch(
                select(scratch, latents, rows),
                scratch.create(draw.noise(), noiseShape, DataType.FLOAT32),
                draw.timesteps(),
                select(scratch, encodings, encodingRows));
    }

    private static NDArray select(NDManager scratch, NDArray from, long[] rows) {
        var selected = SELECT.call(from, scratch.create(rows));
        selected.attach(scratch);
        return selected;
    }

    private void requireSameShape(TrainingSample s) {
        if (!Arrays.equals(s.latentShape(), latentShape)
                || !Arrays.equals(s.encodingShape(), encodingShape)) {
            throw new IllegalArgumentException(
                    "training sample: expected latents %s and encodings %s, found %s and %s"
                            .formatted(
                                    Arrays.toString(latentShape),
                                    Arrays.toString(encodingShape),
                                    Arrays.toString(s.latentShape()),
                                    Arrays.toString(s.encodingShape())));
        }
    }

    private static NDArray longer(
            NDArray there,
            long[] shape,
            List<TrainingSample> samples,
            Function<TrainingSample, float[]> values) {
        var manager = there.getManager();
        try (var scratch = manager.newSubManager()) {
            var rows = new NDList(samples.size() + 1);
            if (there.getShape().get(0) > 0) {
                rows.add(there);
            }
            samples.forEach(s -> rows.add(row(scratch, shape, values.apply(s))));
            var all = NDArrays.concat(rows);
            all.attach(manager);
            there.close();
            return all;
        }
    }

    private static NDArray row(NDManager manager, long[] shape, float[] values) {
        return manager.create(values, new Shape(1).addAll(new Shape(shape)));
    }

    @Override
    public void close() {
        latents.close();
        encodings.close();
    }
}
