package io.mitune.app.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The chart's templates, as far as they can be checked as text: {@code helm template} and the
 * schemas of Kubernetes are run by hand (see HACKING).
 */
class ChartTest {
    private static final Path CHART = Yaml.ROOT.resolve("helm/mitune");
    private static final Pattern VALUE = Pattern.compile("\\.Values((?:\\.[a-zA-Z]\\w*)+)");

    @Test
    void everyValueUsedHasADefault() throws IOException {
        var values = Yaml.read("helm/mitune/values.yaml");
        for (var template : templates()) {
            for (var used = VALUE.matcher(Files.readString(template)); used.find(); ) {
                assertFalse(
                        values.at(used.group(1).replace('.', '/')).isMissingNode(),
                        template.getFileName() + ": no default for " + used.group(1));
            }
        }
    }

    @Test
    void everyDefaultIsUsedAndEveryExampleHasADefault() throws IOException {
        var text = new StringBuilder();
        for (var template : templates()) {
            text.append(Files.readString(template));
        }
        for (var leaf : leaves("", Yaml.read("helm/mitune/values.yaml"))) {
            var name = leaf.substring(leaf.lastIndexOf('/') + 1);
            var isUsed = leaf.contains("/resources/") || text.indexOf("." + name) >= 0;
            assertTrue(isUsed, "unused: " + leaf);
        }
        var values = Yaml.read("helm/mitune/values.yaml");
        for (var leaf : leaves("", Yaml.read("helm/mitune/example-values.yaml"))) {
            assertFalse(values.at(leaf).isMissingNode(), "example: " + leaf);
        }
    }

    @Test
    void everyCommandIsOneOfTheProgram() throws IOException {
        var checked = new TreeSet<String>();
        for (var role : List.of("worker", "curator", "trainer", "dashboard", "topics")) {
            var words = new ArrayList<String>();
            var isIn = false;
            for (var line : Files.readAllLines(CHART.resolve("templates/" + role + ".yaml"))) {
                var word = line.strip();
                isIn = word.equals("args:") || isIn && !word.matches("[a-z]\\w*:.*");
                if (isIn && word.matches("- [a-z-].*")) {
                    words.add(word.substring(2));
                }
            }
            CommandWords.check(role + ".yaml", words);
            checked.add(words.get(0));
        }
        assertEquals(
                List.of("curate", "dashboard", "topics", "train", "worker"), List.copyOf(checked));
        CommandWords.check("_helpers.tpl", List.of("worker", "--kafka-config"));
    }

    @Test
    void containersGiveUpRights() throws IOException {
        for (var template : templates()) {
            var text = Files.readString(template);
            if (text.contains("containers:")) {
                assertTrue(text.contains("include \"mitune.pod\""), template.toString());
                assertTrue(text.contains("\"mitune.containerSecurity\""), template.toString());
            }
        }
        var helpers = Files.readString(CHART.resolve("templates/_helpers.tpl"));
        for (var rule :
                List.of("runAsNonRoot: true", "readOnlyRootFilesystem: true", "drop: [ALL]")) {
            assertTrue(helpers.contains(rule), rule);
        }
    }

    private static List<Path> templates() throws IOException {
        try (Stream<Path> files = Files.list(CHART.resolve("templates"))) {
            return files.sorted().toList();
        }
    }

    private static List<String> leaves(String path, JsonNode node) {
        if (!node.isObject() || node.isEmpty()) {
            return List.of(path);
        }
        var all = new ArrayList<String>();
        node.properties().forEach(e -> all.addAll(leaves(path + "/" + e.getKey(), e.getValue())));
        return all;
    }
}
