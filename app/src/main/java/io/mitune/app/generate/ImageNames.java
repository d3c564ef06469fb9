package io.mitune.app.generate;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * File names of pictures: {@code <prompt>_<6 digits>.png}, the digits running over all prompts in
 * order.
 *
 * <p>T2I-CompBench's tools have no other manifest: they sort {@code samples/} by what stands
 * between the underscore and the dot, and take what stands before it for the prompt. So a name has
 * one underscore, and what a file system would refuse becomes a space; the exact prompt is in
 * {@code metadata.jsonl}. Stateless.
 */
public final class ImageNames {
    private static final int MAX_BYTES = 200;
    private static final String REFUSED = "[\\p{Cntrl}/\\\\:*?\"<>|_]";
    private static final String NOTHING_LEFT = "image";

    private ImageNames() {}

    /** The name of a picture, below {@code samples/}. */
    public static String of(String prompt, int image) {
        return readable(prompt) + String.format(Locale.ROOT, "_%06d.png", image);
    }

    /** The prompt with what no file system takes left out, and cut to a length all of them take. */
    public static String readable(String prompt) {
        var name = mappable(prompt).replaceAll(REFUSED, " ");
        if (!name.equals(prompt)) {
            name = name.replaceAll(" +", " ");
        }
        name = name.replaceFirst("^[. ]+", "").strip();
        while (name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
        }
        return name.isEmpty() ? NOTHING_LEFT : name;
    }

    /** In a locale that cannot write some letters in file names, those become spaces. */
    private static String mappable(String prompt) {
        var names = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")).newEncoder();
        if (names.canEncode(prompt)) {
            return prompt;
        }
        var text = new StringBuilder();
        prompt.codePoints()
                .mapToObj(Character::toString)
                .forEach(letter -> text.append(names.canEncode(letter) ? letter : " "));
        return text.toString();
    }
}
