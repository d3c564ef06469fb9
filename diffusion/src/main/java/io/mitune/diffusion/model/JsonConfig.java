package io.mitune.diffusion.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.diffusion.safetensors.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * A network's config.json, read key by key.
 *
 * <p>A value that the code does not implement must be refused by name, since ignoring it would give
 * a slightly different network and no error. So every key is either read, or allowed one value, or
 * declared as meaningless here; {@link #requireAllKnown} refuses the rest, unless it is null or
 * false, which is how new options are written by those who do not use them.
 *
 * <p>Not thread-safe.
 */
public final class JsonConfig {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MAX_SIZE = 10_000_000;

    private final Path file;
    private final JsonNode root;
    private final Set<String> known = new HashSet<>();

    private JsonConfig(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    public static JsonConfig read(Path file) {
        try {
            if (Files.size(file) > MAX_SIZE) {
                throw new ModelFileException(file, "expected at most %d bytes".formatted(MAX_SIZE));
            }
            var root = JSON.readTree(Files.readAllBytes(file));
            if (root == null || !root.isObject()) {
                throw new ModelFileException(file, "expected a JSON object");
            }
            return new JsonConfig(file, root);
        } catch (NoSuchFileException e) {
            throw new ModelFileException(file, "no such file", e);
        } catch (JsonProcessingException e) {
            throw new ModelFileException(
                    file,
                    "not JSON: line %d: %s"
                            .formatted(
                                    e.getLocation().getLineNr(),
                                    e.getOriginalMessage().lines().findFirst().orElse("")),
                    e);
        } catch (IOException e) {
            throw new ModelFileException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    public Path file() {
        return file;
    }

    /** Whether the key is there with a value. */
    public boolean has(String key) {
        return !get(key).isMissingNode();
    }

    public int integer(String key) {
        var node = get(key);
        if (!node.canConvertToInt() || !node.isIntegralNumber() || node.intValue() < 0) {
            throw wrong(key, "a whole number >= 0", node);
        }
        return node.intValue();
    }

    public int integer(String key, int absent) {
        return has(key) ? integer(key) : absent;
    }

    public int positive(String key, int absent) {
        int value = integer(key, absent);
        if (value < 1) {
            throw unsupported(key);
        }
        return value;
    }

    public double number(String key, double absent) {
        var node = get(key);
        if (node.isMissingNode()) {
            return absent;
        }
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            throw wrong(key, "a number", node);
        }
        return node.doubleValue();
    }

    public boolean flag(String key, boolean absent) {
        var node = get(key);
        if (node.isMissingNode()) {
            return absent;
        }
        if (!node.isBoolean()) {
            throw wrong(key, "true or false", node);
        }
        return node.booleanValue();
    }

    public String text(String key, String absent) {
        var node = get(key);
        if (node.isMissingNode()) {
            return absent;
        }
        if (!node.isTextual()) {
            throw wrong(key, "a string", node);
        }
        return node.textValue();
    }

    /** One positive number for each of {@code count} levels; a single number stands for all. */
    public List<Integer> levels(String key, int count, int absent) {
        var node = get(key);
        if (node.isArray()) {
            var values = integers(key);
            if (values.size() != count) {
                throw wrong(key, count + " numbers", node);
            }
            return values;
        }
        int value = integer(key, absent);
        if (value < 1) {
            throw wrong(key, "a number >= 1", node);
        }
        return java.util.Collections.nCopies(count, value);
    }

    /** A list of positive numbers. */
    public List<Integer> integers(String key) {
        var node = get(key);
        var values = StreamSupport.stream(node.spliterator(), false).map(JsonNode::asInt).toList();
        if (!node.isArray() || values.isEmpty() || values.stream().anyMatch(v -> v < 1)) {
            throw wrong(key, "a list of numbers >= 1", node);
        }
        return values;
    }

    /** A list of numbers from 0 to {@code limit - 1}; empty where the key is absent. */
    public List<Integer> indices(String key, int limit) {
        var node = get(key);
        if (node.isMissingNode()) {
            return List.of();
        }
        var values = StreamSupport.stream(node.spliterator(), false).map(n -> n.asInt(-1)).toList();
        if (!node.isArray() || values.stream().anyMatch(v -> v < 0 || v >= limit)) {
            throw wrong(key, "a list of numbers from 0 to " + (limit - 1), node);
        }
        return values;
    }

    public List<String> texts(String key) {
        var node = get(key);
        if (!node.isArray() || node.isEmpty()) {
            throw wrong(key, "a list of strings", node);
        }
        return StreamSupport.stream(node.spliterator(), false).map(JsonNode::asText).toList();
    }

    /** Refuses every value but these; an absent key is fine. */
    public void only(String key, Object... supported) {
        var node = get(key);
        if (!node.isMissingNode() && Arrays.stream(supported).noneMatch(s -> same(node, s))) {
            throw unsupported(key);
        }
    }

    /** Keys without a meaning for this program. */
    public void ignore(String... keys) {
        known.addAll(List.of(keys));
    }

    /** Ends reading: refuses keys that nothing asked for. */
    public void requireAllKnown() {
        for (var entry : root.properties()) {
            var value = entry.getValue();
            boolean off = value.isNull() || value.isBoolean() && !value.booleanValue();
            if (!known.contains(entry.getKey()) && !entry.getKey().startsWith("_") && !off) {
                throw unsupported(entry.getKey());
            }
        }
    }

    public ModelFileException unsupported(String key) {
        return new ModelFileException(file, "unsupported %s=%s".formatted(key, root.get(key)));
    }

    private JsonNode get(String key) {
        known.add(key);
        var node = root.path(key);
        return node.isNull() ? JSON.missingNode() : node;
    }

    private static boolean same(JsonNode node, Object supported) {
        return supported instanceof Number n
                ? node.isNumber() && node.doubleValue() == n.doubleValue()
                : node.asText().equals(supported.toString());
    }

    private ModelFileException wrong(String key, String expected, JsonNode found) {
        return new ModelFileException(
                file,
                "%s: expected %s, found %s"
                        .formatted(key, expected, found.isMissingNode() ? "nothing" : found));
    }
}
