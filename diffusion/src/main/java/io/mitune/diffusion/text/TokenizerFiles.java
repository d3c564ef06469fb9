package io.mitune.diffusion.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.diffusion.safetensors.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads a tokenizer directory in either of its two forms: tokenizer.json alone (newer), or
 * vocab.json with merges.txt (what the Hub's Stable Diffusion directories hold).
 */
final class TokenizerFiles {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MAX_BYTES = 64 << 20;
    private static final int DEFAULT_LENGTH = 77;
    private static final int MAX_LENGTH = 4096;
    private static final String BEGIN = "<|startoftext|>";
    private static final String END = "<|endoftext|>";

    private final Path directory;
    private final JsonNode config;
    private final JsonNode specialTokens;
    private final Map<String, Integer> vocabulary = new HashMap<>();
    private final Map<String, Integer> added = new HashMap<>();

    /** Added tokens with an entry of their own, beside what roles say of them. */
    private final Set<String> declared = new HashSet<>();

    /** Added tokens to look for once the text is normalised. */
    private final Set<String> normalized = new HashSet<>();

    private final List<BytePairEncoder.Pair> merges = new ArrayList<>();

    private TokenizerFiles(Path directory) {
        this.directory = directory;
        config = optionalJson("tokenizer_config.json");
        specialTokens = optionalJson("special_tokens_map.json");
    }

    static ClipTokenizer load(Path directory) {
        return new TokenizerFiles(directory).load();
    }

    private ClipTokenizer load() {
        var single = directory.resolve("tokenizer.json");
        if (Files.isRegularFile(single)) {
            readSingle(single);
        } else {
            readVocabulary(directory.resolve("vocab.json"), json(directory.resolve("vocab.json")));
            readMergeLines(directory.resolve("merges.txt"));
        }
        config.path("added_tokens_decoder")
                .properties()
                .forEach(e -> readAdded(e.getValue(), e.getKey()));
        checkMerges();
        int begin = special("bos_token", BEGIN);
        int end = special("eos_token", END);
        int unknown = special("unk_token", END);
        int padding = special("pad_token", END);
        var encoder = new BytePairEncoder(vocabulary, merges, unknown);
        var roles = new ClipTokenizer.Special(begin, end, padding, maxLength());
        return new ClipTokenizer(encoder, added(false), added(true), roles);
    }

    private AddedTokens added(boolean inLowerCase) {
        return new AddedTokens(
                added.entrySet().stream()
                        .filter(e -> normalized.contains(e.getKey()) == inLowerCase)
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    private void readSingle(Path file) {
        var root = json(file);
        var model = root.path("model");
        requireText(file, model, "type", "BPE");
        requireText(file, model, "end_of_word_suffix", "</w>");
        readVocabulary(file, model.path("vocab"));
        for (var merge : model.path("merges")) {
            if (merge.isTextual()) {
                merges.add(pair(file, merge.textValue()));
            } else {
                merges.add(
                        new BytePairEncoder.Pair(
                                merge.path(0).asText(""), merge.path(1).asText("")));
            }
        }
        root.path("added_tokens").forEach(token -> readAdded(token, token.path("id").asText("")));
    }

    private void readVocabulary(Path file, JsonNode entries) {
        if (!entries.isObject() || entries.isEmpty()) {
            throw new ModelFileException(file, "expected an object of tokens and ids, found none");
        }
        entries.properties()
                .forEach(
                        entry -> {
                            if (!entry.getValue().canConvertToInt()
                                    || entry.getValue().intValue() < 0) {
                                throw new ModelFileException(
                                        file,
                                        "`%s`: expected an id, found %s"
                                                .formatted(entry.getKey(), entry.getValue()));
                            }
                            vocabulary.put(entry.getKey(), entry.getValue().intValue());
                        });
    }

    private void readMergeLines(Path file) {
        for (var line : text(file).split("\n")) {
            var merge = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            if (!merge.isEmpty() && !merge.startsWith("#version")) {
                merges.add(pair(file, merge));
            }
        }
    }

    private static BytePairEncoder.Pair pair(Path file, String line) {
        var parts = line.split(" ", -1);
        if (parts.length != 2) {
            throw new ModelFileException(
                    file, "expected two symbols a merge, found '%s'".formatted(shortened(line)));
        }
        return new BytePairEncoder.Pair(parts[0], parts[1]);
    }

    private void checkMerges() {
        if (merges.isEmpty()) {
            throw new ModelFileException(directory, "expected BPE merges, found none");
        }
        for (var merge : merges) {
            for (var symbol : List.of(merge.left(), merge.right(), merge.left() + merge.right())) {
                if (!vocabulary.containsKey(symbol)) {
                    throw new ModelFileException(
                            directory,
                            "merge '%s %s' needs '%s', which the vocabulary lacks"
                                    .formatted(
                                            shortened(merge.left()),
                                            shortened(merge.right()),
                                            shortened(symbol)));
                }
            }
        }
    }

    private void readAdded(JsonNode token, String id) {
        var content = token.path("content").asText("");
        if (content.isEmpty() || !id.matches("\\d{1,9}")) {
            throw new ModelFileException(
                    directory, "added token: expected content and id, found " + shortened(token));
        }
        for (var option : List.of("lstrip", "rstrip", "single_word")) {
            if (token.path(option).asBoolean(false)) {
                throw new ModelFileException(
                        directory,
                        "unsupported `%s=true` of added token '%s'"
                                .formatted(option, shortened(content)));
            }
        }
        added.put(content, Integer.parseInt(id));
        declared.add(content);
        readNormalized(token, content);
    }

    private void readNormalized(JsonNode token, String content) {
        if (token.path("normalized").asBoolean(false)) {
            normalized.add(content);
        } else {
            normalized.remove(content);
        }
    }

    /** The id of a token with a role; such tokens are also found in the text of a prompt. */
    private int special(String role, String missing) {
        var content = content(config, role).or(() -> content(specialTokens, role)).orElse(missing);
        var id = added.getOrDefault(content, vocabulary.get(content));
        if (id == null) {
            throw new ModelFileException(
                    directory, "`%s=%s` is not in the vocabulary".formatted(role, content));
        }
        added.put(content, id);
        var token = config.has(role) ? config.path(role) : specialTokens.path(role);
        if (token.isObject() || !declared.contains(content)) {
            readNormalized(token, content); // of several roles of a token, the last one counts
        }
        return id;
    }

    private static Optional<String> content(JsonNode source, String role) {
        var token = source.path(role);
        var text = token.isObject() ? token.path("content") : token;
        return Optional.of(text.asText("")).filter(value -> text.isTextual() && !value.isEmpty());
    }

    private int maxLength() {
        var length = config.path("model_max_length");
        if (length.isMissingNode() || length.isNull() || length.doubleValue() > 1e18) {
            return DEFAULT_LENGTH; // absent, or the "no limit" that transformers writes
        }
        if (!length.canConvertToInt() || length.intValue() < 2 || length.intValue() > MAX_LENGTH) {
            throw new ModelFileException(
                    directory.resolve("tokenizer_config.json"),
                    "`model_max_length`: expected 2 to %d, found %s".formatted(MAX_LENGTH, length));
        }
        return length.intValue();
    }

    private static void requireText(Path file, JsonNode node, String key, String expected) {
        if (!node.path(key).asText("").equals(expected)) {
            throw new ModelFileException(
                    file,
                    "not a CLIP tokenizer: `%s`: expected %s, found %s"
                            .formatted(key, expected, node.path(key)));
        }
    }

    private JsonNode optionalJson(String name) {
        var file = directory.resolve(name);
        return Files.isRegularFile(file) ? json(file) : JSON.createObjectNode();
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(text(file));
        } catch (JsonProcessingException e) {
            throw new ModelFileException(file, "not JSON: " + shortened(e.getOriginalMessage()), e);
        }
    }

    private static String text(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new ModelFileException(
                        file, "missing; expected tokenizer.json, or vocab.json and merges.txt");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new ModelFileException(
                        file,
                        "expected at most %d bytes, found %d"
                                .formatted(MAX_BYTES, Files.size(file)));
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new ModelFileException(
                    file, "cannot be read as UTF-8 text: " + e.getMessage(), e);
        }
    }

    private static String shortened(Object value) {
        var line = value.toString().lines().findFirst().orElse("");
        return line.length() > 60 ? line.substring(0, 60) + "..." : line;
    }
}
