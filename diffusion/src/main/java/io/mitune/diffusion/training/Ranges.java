package io.mitune.diffusion.training;

/** Range checks of settings, in one form: {@code training.NAME: expected LO to HI, found X}. */
final class Ranges {
    private Ranges() {}

    static void between(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw wrong(name, low + " to " + high, value);
        }
    }

    /** NaN is outside every range. */
    static void between(String name, double value, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw wrong(name, low + " to " + high, value);
        }
    }

    static void positive(String name, double value, double high) {
        if (!(value > 0 && value <= high)) {
            throw wrong(name, "above 0, at most " + high, value);
        }
    }

    static void belowOne(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw wrong(name, "0 up to but not 1", value);
        }
    }

    private static IllegalArgumentException wrong(String name, String expected, Object found) {
        return new IllegalArgumentException(
                "training." + name + ": expected " + expected + ", found " + found);
    }
}
