package io.mitune.diffusion.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.nn.Script;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Samples on the device, uploaded once; batches are taken from them by index.
 *
 * <p>With several devices there is a copy on each, and a batch comes from that of the device that
 * asks. Row 0 of the captions is the empty one, which dropped captions are replaced by. Owns its
 * arrays. Batches may be taken by several threads.
 */
public final class SampleSet implements AutoCloseable {
    private static final Script SELECT =
            Script.of("x: Tensor, i: Tensor", "Tensor", "return torch.index_select(x, 0, i)");

    private final long[] latentShape;
    private final int size;
    private final Map<Device, Rows> copies;

    /**
     * What one device holds.
     *
     * @param latents [size, C, H, W]
     * @param captions size + 1 texts
     */
    private record Rows(NDArray latents, TextEmbedding captions) {}

    private SampleSet(long[] latentShape, int size, Map<Device, Rows> copies) {
        this.latentShape = latentShape;
        this.size = size;
        this.copies = copies;
    }

    /**
     * Uploads samples, all of one shape.
     *
     * @param empty the encoding of "", for caption dropout
     */
    public static SampleSet upload(
            NDManager manager, List<TrainingSample> samples, EncodedCaption empty) {
        return upload(List.of(manager), samples, empty);
    }

    /** As above, to the device of each of these managers. */
    static SampleSet upload(
            List<NDManager> managers, List<TrainingSample> samples, EncodedCaption empty) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("training samples: expected at least 1, found none");
        }
        var shape = samples.get(0).latentShape();
        samples.forEach(s -> requireSameShape(s, shape, empty));
        var captions = new ArrayList<EncodedCaption>();
        captions.add(empty);
        samples.forEach(s -> captions.add(s.caption()));
        var copies = new HashMap<Device, Rows>();
        for (var manager : managers) {
            copies.computeIfAbsent(
                    manager.getDevice(),
                    device ->
                            new Rows(
                                    rows(manager, shape, samples, TrainingSample::latents),
                                    rows(manager, captions)));
        }
        return new SampleSet(shape, samples.size(), copies);
    }

    /** Number of samples. */
    public int size() {
        return size;
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
        var from = copies.get(scratch.getDevice());
        long count = indices.length;
        var rows = new long[indices.length];
        var captionRows = new long[indices.length];
        for (int i = 0; i < indices.length; i++) {
            rows[i] = indices[i];
            captionRows[i] = draw.dropped()[i] ? 0 : indices[i] + 1;
        }
        var noiseShape = new Shape(count).addAll(new Shape(latentShape));
        return new TrainingBatch(
                select(scratch, from.latents(), rows),
                scratch.create(draw.noise(), noiseShape, DataType.FLOAT32),
                draw.trainSteps(),
                new TextEmbedding(
                        select(scratch, from.captions().encoderHiddenStates(), captionRows),
                        from.captions().pooled().map(p -> select(scratch, p, captionRows))));
    }

    private static NDArray select(NDManager scratch, NDArray from, long[] rows) {
        var selected = SELECT.call(from, scratch.create(rows));
        selected.attach(scratch);
        return selected;
    }

    private static void requireSameShape(
            TrainingSample s, long[] latentShape, EncodedCaption form) {
        if (!Arrays.equals(s.latentShape(), latentShape) || !s.caption().sameForm(form)) {
            throw new IllegalArgumentException(
                    "training sample: expected latents %s and encodings %s, found %s and %s"
                            .formatted(
                                    Arrays.toString(latentShape),
                                    Arrays.toString(form.shape()),
                                    Arrays.toString(s.latentShape()),
                                    Arrays.toString(s.caption().shape())));
        }
    }

    private static TextEmbedding rows(NDManager owner, List<EncodedCaption> captions) {
        var first = captions.get(0);
        var pooled = new long[] {first.pooled().length};
        return new TextEmbedding(
                rows(owner, first.shape(), captions, EncodedCaption::encoderHiddenStates),
                pooled[0] == 0
                        ? Optional.empty()
                        : Optional.of(rows(owner, pooled, captions, EncodedCaption::pooled)));
    }

    /** One row an element, [n, ...shape], owned by {@code owner}. */
    private static <T> NDArray rows(
            NDManager owner, long[] shape, List<T> elements, Function<T, float[]> values) {
        try (var scratch = owner.newSubManager()) {
            var row = new Shape(1).addAll(new Shape(shape));
            var all = new NDList(elements.size());
            elements.forEach(e -> all.add(scratch.create(values.apply(e), row)));
            var joined = NDArrays.concat(all);
            joined.attach(owner);
            return joined;
        }
    }

    @Override
    public void close() {
        for (var rows : copies.values()) {
            rows.latents().close();
            rows.captions().close();
        }
    }
}
