package io.mitune.diffusion.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.diffusion.safetensors.ModelFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * T5's tokenizer: text to a fixed number of token ids, the end marked, the rest padding.
 *
 * <p>Reads tokenizer.json and runs it by the library that the file is written for, so whatever
 * normalisation a model's file names is what its encoder was trained with. Thread-safe.
 */
public final class T5Tokenizer {
    /** Tokens of a text where nothing else is said, as in diffusers. */
    public static final int DEFAULT_LENGTH = 256;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MAX_BYTES = 64 << 20;
    private static final String FILE = "tokenizer.json";
    private static final Map<String, String> AS_IT_IS =
            Map.of("padding", "false", "truncation", "false");

    private final HuggingFaceTokenizer tokenizer;
    private final int end;
    private final int padding;

    private T5Tokenizer(HuggingFaceTokenizer tokenizer, int end, int padding) {
        this.tokenizer = tokenizer;
        this.end = end;
        this.padding = padding;
    }

    /**
     * Reads the tokenizer of a diffusers model.
     *
     * @param directory holds tokenizer.json
     * @throws ModelFileException naming the file and what is wrong
     */
    public static T5Tokenizer load(Path directory) {
        var file = directory.resolve(FILE);
        var root = read(file);
        var type = root.path("model").path("type").asText("");
        if (!type.equals("Unigram")) {
            throw new ModelFileException(
                    file,
                    "not a T5 tokenizer: `model.type`: expected Unigram, found '%s'"
                            .formatted(shortened(type)));
        }
        int end = id(file, root, "</s>");
        int padding = id(file, root, "<pad>");
        // the library would look for a build for the graphics card, on the network
        if (System.getenv("RUST_FLAVOR") == null && System.getProperty("RUST_FLAVOR") == null) {
            System.setProperty("RUST_FLAVOR", "cpu");
        }
        try {
            return new T5Tokenizer(HuggingFaceTokenizer.newInstance(file, AS_IT_IS), end, padding);
        } catch (IOException | RuntimeException e) {
            throw new ModelFileException(file, "cannot be read: " + shortened(e.getMessage()), e);
        }
    }

    /**
     * The ids of {@code text}: at most {@code length - 1} tokens (the rest is cut off), end,
     * padding.
     *
     * @param length number of ids, at least 1
     * @throws IllegalArgumentException in one line, when the text is too long to be a prompt
     */
    public int[] encode(String text, int length) {
        if (text.length() > ClipTokenizer.MAX_CHARACTERS) {
            throw new IllegalArgumentException(
                    "prompt: expected at most %d characters, found %d"
                            .formatted(ClipTokenizer.MAX_CHARACTERS, text.length()));
        }
        // by way of UTF-8, in which a lone half of a surrogate pair becomes a question mark
        var utf8 = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        var tokens = tokenizer.encode(utf8, false, false).getIds();
        int count = Math.min(tokens.length, length - 1);
        var ids = new int[length];
        Arrays.fill(ids, padding);
        for (int i = 0; i < count; i++) {
            ids[i] = Math.toIntExact(tokens[i]);
        }
        ids[count] = end;
        return ids;
    }

    private static JsonNode read(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new ModelFileException(
                        file, "missing; a spiece.model alone is not read, convert it to this file");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new ModelFileException(
                        file,
                        "expected at most %d bytes, found %d"
                                .formatted(MAX_BYTES, Files.size(file)));
            }
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new ModelFileException(file, "not JSON: " + shortened(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new ModelFileException(file, "cannot be read: " + shortened(e.getMessage()), e);
        }
    }

    private static int id(Path file, JsonNode root, String token) {
        return StreamSupport.stream(root.path("added_tokens").spliterator(), false)
                .filter(t -> t.path("content").asText("").equals(token))
                .mapToInt(t -> t.path("id").asInt(-1))
                .filter(id -> id >= 0)
                .findFirst()
                .orElseThrow(
                        () ->
                                new ModelFileException(
                                        file,
                                        "`added_tokens`: expected %s with its id, found none"
                                                .formatted(token)));
    }

    private static String shortened(String message) {
        var line = String.valueOf(message).lines().findFirst().orElse("");
        return line.length() > 80 ? line.substring(0, 80) + "..." : line;
    }
}
