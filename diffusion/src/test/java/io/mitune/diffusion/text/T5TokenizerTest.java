package io.mitune.diffusion.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.diffusion.safetensors.ModelFileException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Ids of the real T5TokenizerFast (test/python/make_t5_tokenizer_fixtures.py), and bad input. */
class T5TokenizerTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path dir;

    @TestFactory
    Stream<DynamicTest> idsAtEveryLength() throws Exception {
        var tokenizer = T5Tokenizer.load(resource());
        return Stream.of(5, 77, 256).flatMap(n -> sameIds(tokenizer, Integer.toString(n), n));
    }

    /** The same model with the normalisation that older converters wrote into the file. */
    @TestFactory
    Stream<DynamicTest> idsOfTheOlderForm() throws Exception {
        var root = (ObjectNode) JSON.readTree(resource().resolve("tokenizer.json").toFile());
        var sequence = root.objectNode().put("type", "Sequence");
        sequence.putArray("normalizers")
                .add(root.get("normalizer"))
                .addObject()
                .put("type", "Strip")
                .put("strip_left", false)
                .put("strip_right", true);
        var replace = sequence.withArray("normalizers").addObject();
        replace.put("type", "Replace").put("content", "\u2581");
        replace.putObject("pattern").put("Regex", " {2,}");
        root.set("normalizer", sequence);
        root.putObject("pre_tokenizer")
                .put("type", "Metaspace")
                .put("replacement", "\u2581")
                .put("prepend_scheme", "always")
                .put("split", true);
        JSON.writeValue(dir.resolve("tokenizer.json").toFile(), root);
        return sameIds(T5Tokenizer.load(dir), "older", 77);
    }

    private static Stream<DynamicTest> sameIds(T5Tokenizer tokenizer, String key, int length) {
        return cases().map(
                        c ->
                                DynamicTest.dynamicTest(
                                        length + " " + title(c),
                                        () -> check(tokenizer, c, key, length)));
    }

    private static void check(T5Tokenizer tokenizer, JsonNode expected, String key, int length) {
        var ids = new int[length];
        assertEquals(length, expected.get(key).size());
        for (int i = 0; i < length; i++) {
            ids[i] = expected.get(key).get(i).intValue();
        }
        assertArrayEquals(ids, tokenizer.encode(expected.get("text").textValue(), length));
    }

    private static Stream<JsonNode> cases() {
        try {
            var cases = JSON.readTree(resource().resolve("cases.json").toFile()).get("cases");
            return StreamSupport.stream(cases.spliterator(), false);
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String title(JsonNode expected) {
        var text = expected.get("text").toString();
        return text.substring(0, Math.min(text.length(), 40));
    }

    @Test
    void longestPromptsTakeBoundedTime() throws Exception {
        var tokenizer = T5Tokenizer.load(resource());
        int n = ClipTokenizer.MAX_CHARACTERS;
        for (var text : new String[] {"ab".repeat(n / 2), "red ".repeat(n / 4)}) {
            assertTimeout(Duration.ofSeconds(10), () -> tokenizer.encode(text, 77));
        }
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> tokenizer.encode("a".repeat(10 << 20), 77));
        assertEquals(
                "prompt: expected at most 262144 characters, found 10485760", error.getMessage());
    }

    @Test
    void unpairedSurrogatesDoNotStopIt() throws Exception {
        var tokenizer = T5Tokenizer.load(resource());
        assertArrayEquals(
                tokenizer.encode("a ? b ??", 9), tokenizer.encode("a \ud83d b \ude00\ud83d", 9));
    }

    @Test
    void namesWhatIsWrong() throws Exception {
        assertMessage("missing; a spiece.model alone is not read");
        write("{\"model\": {\"type\": \"BPE\"}}");
        assertMessage("not a T5 tokenizer: `model.type`: expected Unigram, found 'BPE'");
        write("{\"model\": {\"type\": \"Unigram\"}, \"added_tokens\": [{\"content\": \"</s>\"}]}");
        assertMessage("`added_tokens`: expected </s> with its id, found none");
        write("{\"model\": ");
        assertMessage("not JSON: ");
        write(
                "{\"model\": {\"type\": \"Unigram\", \"vocab\": 3}, \"added_tokens\":"
                        + " [{\"content\": \"</s>\", \"id\": 1}, {\"content\": \"<pad>\","
                        + " \"id\": 0}]}");
        assertMessage("cannot be read: ");
    }

    private void write(String content) throws IOException {
        Files.writeString(dir.resolve("tokenizer.json"), content);
    }

    private void assertMessage(String part) {
        var error = assertThrows(ModelFileException.class, () -> T5Tokenizer.load(dir));
        assertTrue(error.getMessage().contains(part), error.getMessage());
        assertTrue(error.getMessage().startsWith(dir.toString()), error.getMessage());
        assertEquals(1, error.getMessage().lines().count());
    }

    private static Path resource() throws URISyntaxException {
        return Path.of(T5TokenizerTest.class.getResource("/tokenizer/t5").toURI());
    }
}
