package io.mitune.streams.curator;

import java.util.ArrayList;
import java.util.List;

/**
 * A candidate's latents in at most 64 numbers, to compare candidates by. Immutable.
 *
 * <p>Sketches have length 1, so the cosine is their inner product; it is summed in a fixed order,
 * and the same two give the same bits.
 */
final class Sketch {
    static final Sketch NONE = new Sketch(new double[0]);

    private static final int MAX_NUMBERS = 64;
    private static final double LENGTH_TOLERANCE = 1e-3;

    private final double[] numbers;

    private Sketch(double[] numbers) {
        this.numbers = numbers;
    }

    /** The sketch in a record; none where it is not one. */
    static Sketch of(List<Float> logged) {
        if (logged.isEmpty() || logged.size() > MAX_NUMBERS) {
            return NONE;
        }
        var numbers = new double[logged.size()];
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
        var a = numbers;
        var b = other.numbers;
        double even = 0;
        double odd = 0;
        int i = 0;
        // two sums at once keep the processor busy; the order is the same on every machine
        for (; i + 1 < a.length; i += 2) {
            even += a[i] * b[i];
            odd += a[i + 1] * b[i + 1];
        }
        return i < a.length ? even + odd + a[i] * b[i] : even + odd;
    }

    /** As records hold it. */
    List<Float> logged() {
        var list = new ArrayList<Float>(numbers.length);
        for (double number : numbers) {
            list.add((float) number);
        }
        return list;
    }
}
