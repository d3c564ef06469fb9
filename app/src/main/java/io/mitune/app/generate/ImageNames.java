package io.mitune.app.generate;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * File names of pictures: {@code <prompt>_<6 digits>.png}, the digits running over all prompts in
 * order, which is what T2I-CompBench's tools read. Stateless.
 */
final class ImageNames {
    private static final int MAX_BYTES = 200;

    private ImageNames() {}

    static String of(String prompt, int image) {
        return safe(prompt) + String.format(Locale.ROOT, "_%06d.png", image);
    }

    /** The prompt with what no file system takes replaced, and cut to a length all of them take. */
    private static String safe(String prompt) {
        var name = prompt.replaceAll("[\\p{Cntrl}/\\\\:*?\"<>|]", "_").replaceFirst("^\\.+", "_");
        while (name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
        }
        return name;
    }
}
