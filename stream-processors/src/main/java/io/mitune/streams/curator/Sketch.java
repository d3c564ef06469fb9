package io.mitune.streams.curator;

import java.util.ArrayList;
import java.util.List;

/**
 * A candidate's latents in at most 64 numbers, to compare candidates by. Immutable.
 *
 * <p>Sketches have length 1, so the cosine is their inner product; it is summed in order, and the
 * same two give the same bits.
 */
final class Sketch {
    static final Sketch NONE = new Sketch(new float[0]);

    private static final int MAX_NUMBERS = 64;
    private static final double LENGTH_TOLERANCE = 1e-3;

    private final float[] numbers;

    private Sketch(float[] numbers) {
        this.numbers = numbers;
    }

    /** The sketch in a record; none where it is not one. */
    static Sketch of(List<Float> logged) {
        if (logged.isEmpty() || logged.size() > MAX_NUMBERS) {
            return NONE;
        }
        var numbers = new float[logged.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = logged.get(i);
        }
        var sketch = new Sketch(numbers);
        return Math.abs(sketch.cosine(sketch) - 1) <= LENGTH_TOLERANCE ? sketch : NONE;
    }

    boolean isNone() {
        return numbers.length == 0;
    }

    boolean isComparable(Sketch other) {
        return numbers.length > 0 && numbers.length == other.numbers.length;
    }

    double cosine(Sketch other) {
        double sum = 0;
        for (int i = 0; i < numbers.length; i++) {
            sum += (double) numbers[i] * other.numbers[i];
        }
        return sum;
    }

    /** As records hold it. */
    List<Float> logged() {
        var list = new ArrayList<Float>(numbers.length);
        for (float number : numbers) {
            list.add(number);
        }
        return list;
    }
}
