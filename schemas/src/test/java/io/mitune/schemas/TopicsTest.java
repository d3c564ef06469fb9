package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicsTest {
    private final Topics topics = new Topics("");

    @Test
    void putsThePrefixBeforeEveryName() {
        assertEquals("mitune.prompts", new Topics(Topics.DEFAULT_PREFIX).prompts().name());
        for (int i = 0; i < topics.all().size(); i++) {
            String bare = topics.all().get(i).name();
            assertEquals("x-" + bare, new Topics("x-").all().get(i).name());
        }
    }

    @Test
    void topicsThatShareThePromptAsKeyShareTheirPartitions() {
        assertEquals(topics.prompts().partitions(), topics.candidates().partitions());
        assertEquals(topics.prompts().partitions(), topics.curated().partitions());
    }

    @Test
    void readmeDescribesTheTopics() throws IOException {
        List<String> expected =
                topics.all().stream()
                        .map(t -> List.of(t.name(), value(t), "" + t.partitions(), kept(t)))
                        .map(Object::toString)
                        .toList();
        List<String> found =
                Files.readAllLines(Path.of("README.md")).stream()
                        .map(line -> line.split(" *\\| *"))
                        .filter(cells -> cells.length == 8 && cells[4].matches("[0-9]+"))
                        .map(c -> List.of(c[1], c[3], c[4], c[5]).toString())
                        .toList();
        assertEquals(expected, found);
    }

    @Test
    void refusesNamesThatKafkaRefuses() {
        var error = assertThrows(IllegalArgumentException.class, () -> new Topics("a/b "));
        assertTrue(error.getMessage().contains("found 'a/b prompts'"), error.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Topics("x".repeat(245)));
        assertThrows(
                IllegalArgumentException.class, () -> new Topic<>("..", byte[].class, 1, Map.of()));
        assertThrows(
                IllegalArgumentException.class, () -> new Topic<>("a", byte[].class, 0, Map.of()));
    }

    private static String value(Topic<?> topic) {
        return topic.type() == byte[].class ? "bytes" : topic.type().getSimpleName();
    }

    private static String kept(Topic<?> topic) {
        if (topic.config().equals(Map.of("cleanup.policy", "compact"))) {
            return "the latest of each key";
        }
        long millis = Long.parseLong(topic.config().get("retention.ms"));
        return millis < 0 ? "for ever" : Duration.ofMillis(millis).toDays() + " days";
    }
}
