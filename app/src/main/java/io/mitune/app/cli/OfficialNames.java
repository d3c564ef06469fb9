package io.mitune.app.cli;

import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Accepts the option names of the Python trainers and pipelines next to our own.
 *
 * <p>Commands declare kebab-case names; {@code --num_inference_steps} reads as {@code
 * --num-inference-steps}, and a few official names that differ in more than the dash have an entry
 * here. Doing this before parsing keeps the help free of doubles. Stateless.
 */
public final class OfficialNames {
    private static final Pattern SNAKE = Pattern.compile("--[a-z0-9]+(_[a-z0-9]+)+(=.*)?");
    private static final Map<String, String> OTHERS =
            Map.of(
                    "--pretrained-model-name-or-path", "--model",
                    "--output-dir", "--output",
                    "--max-train-steps", "--steps",
                    "--mixed-precision", "--dtype",
                    "--lr-warmup-steps", "--warmup-steps",
                    "--lora-path", "--adapter");

    private OfficialNames() {}

    /** The same command line with our option names; values are left as they are. */
    public static String[] toOurs(String[] args) {
        return Arrays.stream(args).map(OfficialNames::toOurs).toArray(String[]::new);
    }

    private static String toOurs(String arg) {
        if (!SNAKE.matcher(arg).matches()) {
            return arg;
        }
        var end = arg.indexOf('=') < 0 ? arg.length() : arg.indexOf('=');
        var kebab = arg.substring(0, end).replace('_', '-');
        return OTHERS.getOrDefault(kebab, kebab) + arg.substring(end);
    }
}
