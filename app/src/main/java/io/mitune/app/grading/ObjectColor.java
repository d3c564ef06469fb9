package io.mitune.app.grading;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The eight paint colours of the drawn scenes, and the paper they are drawn on. */
public enum ObjectColor {
    RED(222, 32, 40),
    ORANGE(252, 142, 20),
    YELLOW(246, 222, 40),
    GREEN(36, 156, 60),
    CYAN(40, 204, 214),
    BLUE(40, 72, 220),
    PURPLE(142, 44, 176),
    BLACK(24, 24, 24);

    /** Grey level of the background, the same in all three channels. */
    public static final int PAPER = 226;

    private final int[] rgb;

    ObjectColor(int red, int green, int blue) {
        rgb = new int[] {red, green, blue};
    }

    /** The colour's level, 0 to 255, in channel 0 (red), 1 (green) or 2 (blue). */
    public int level(int channel) {
        return rgb[channel];
    }

    /** The colour with this English name. */
    static Optional<ObjectColor> named(String word) {
        return Arrays.stream(values()).filter(c -> c.word().equals(word)).findFirst();
    }

    /** Its English name, as captions have it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
