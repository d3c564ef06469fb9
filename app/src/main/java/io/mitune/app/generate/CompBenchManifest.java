package io.mitune.app.generate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.mitune.app.cli.WholeOutput;
import io.mitune.producers.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * What T2I-CompBench's tools want to know of a folder beyond the names in {@code samples/}.
 *
 * <p>{@code mapping.json} says which image each question_id of a {@code vqa_result.json} is, in the
 * form that its detector writes; {@code dataset/<category>_val.txt} has the prompts, one a line in
 * the order of the images, which its 3-in-1 score reads for complex prompts ({@code --data_path}).
 * Immutable.
 *
 * @param prompts in order
 * @param perPrompt images of each
 */
record CompBenchManifest(List<Prompt> prompts, int perPrompt) {
    private static final String NO_CATEGORY = "prompts";

    /** Writes the files below the folder that has {@code samples/}. */
    void write(Path folder) throws IOException {
        var mapping = JsonNodeFactory.instance.arrayNode();
        for (var image = 0; image < prompts.size() * perPrompt; image++) {
            var prompt = prompts.get(image / perPrompt);
            mapping.addObject()
                    .put("image", ImageNames.of(prompt.text(), image))
                    .put("question_id", image);
        }
        WholeOutput.replace(folder.resolve("mapping.json"), mapping + "\n");
        var dataset = Files.createDirectories(folder.resolve("dataset"));
        var texts = new LinkedHashMap<String, StringBuilder>();
        for (var prompt : prompts) {
            texts.computeIfAbsent(fileName(prompt.category()), name -> new StringBuilder())
                    .append(prompt.text())
                    .append('\n');
        }
        for (var file : texts.entrySet()) {
            WholeOutput.replace(dataset.resolve(file.getKey()), file.getValue().toString());
        }
    }

    private static String fileName(String category) {
        var name = category.replaceAll("[^A-Za-z0-9-]+", "_");
        return (name.isEmpty() ? NO_CATEGORY : name) + "_val.txt";
    }
}
