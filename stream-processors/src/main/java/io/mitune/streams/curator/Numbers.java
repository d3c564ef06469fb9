package io.mitune.streams.curator;

import java.util.Locale;

/** Text for reasons that is the same on every machine. Stateless. */
final class Numbers {
    private Numbers() {}

    static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
