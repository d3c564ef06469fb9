package io.mitune.app.docs;

import io.mitune.app.CommandLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A documented command as a test executes it: on the test's stream and folder, and with small
 * numbers, so that it is done in a second. Immutable.
 *
 * @param prompts a file of few prompts, in place of any other
 * @param folder for what is written
 * @param places options that say where the stream is, given to each command that has them
 */
record SmallCommand(Path prompts, Path folder, Map<String, String> places) {
    private static final Map<String, String> SMALL =
            Map.of(
                    "--candidates", "2",
                    "--num-inference-steps", "2",
                    "--num-images-per-prompt", "1",
                    "--rounds", "1");

    /** The words to execute in place of those documented. */
    List<String> of(List<String> documented) {
        var line = CommandLines.create();
        for (var word : documented) {
            if (!line.getSubcommands().containsKey(word)) {
                break;
            }
            line = line.getSubcommands().get(word);
        }
        var spec = line.getCommandSpec();
        var words = new ArrayList<String>();
        var option = "";
        for (var word : documented) {
            words.add(value(option, word));
            option = word;
        }
        places.forEach(
                (name, value) -> {
                    if (spec.findOption(name) != null && !documented.contains(name)) {
                        words.addAll(List.of(name, value));
                    }
                });
        if (documented.contains("--follow")) {
            words.addAll(List.of("--from", "beginning", "--max-messages", "1"));
        }
        if (documented.get(0).equals("generate") && !documented.contains("--num-inference-steps")) {
            words.addAll(List.of("--num-inference-steps", "2", "--num-images-per-prompt", "1"));
        }
        return words;
    }

    private String value(String option, String word) {
        if (option.equals("--prompts")) {
            return prompts.toString();
        }
        if (option.equals("--output")) {
            return folder.resolve(word).toString();
        }
        if (word.startsWith("demo/") || word.startsWith("docs/")) {
            return Docs.ROOT.resolve(word).toString();
        }
        return SMALL.containsKey(option) && word.matches("\\d+") ? SMALL.get(option) : word;
    }
}
