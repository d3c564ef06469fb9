package io.mitune.diffusion.training;

import java.util.Arrays;

/** Checks of values that come from outside. Stateless. */
final class Finite {
    private Finite() {}

    /** Refuses values that do not fill the shape, or are no numbers. */
    static void require(String what, float[] values, long[] shape, int dims) {
        long expected = Arrays.stream(shape).reduce(1, (x, y) -> x * y);
        if (shape.length != dims || expected != values.length) {
            throw new IllegalArgumentException(
                    "training sample %s: expected %d dimensions and %d values, found %s and %d"
                            .formatted(
                                    what, dims, expected, Arrays.toString(shape), values.length));
        }
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        "training sample %s: expected finite values, found %s at %d"
                                .formatted(what, values[i], i));
            }
        }
    }
}
