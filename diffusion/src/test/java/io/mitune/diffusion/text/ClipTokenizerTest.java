package io.mitune.diffusion.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

/** Ids of the real CLIPTokenizer (test/python/make_tokenizer_fixtures.py), and bad input. */
class ClipTokenizerTest {
    @TempDir Path dir;

    @TestFactory
    Stream<DynamicTest> idsFromVocabularyAndMerges() throws Exception {
        return sameIds("files");
    }

    @TestFactory
    Stream<DynamicTest> idsFromOneFile() throws Exception {
        return sameIds("single");
    }

    @TestFactory
    Stream<DynamicTest> idsPaddedWithTheEnd() throws Exception {
        return sameIds("xl");
    }

    @TestFactory
    Stream<DynamicTest> idsPaddedWithExclamationMarks() throws Exception {
        return sameIds("xl-2");
    }

    private static Stream<DynamicTest> sameIds(String form) throws Exception {
        var tokenizer = ClipTokenizer.load(resource(form));
        var cases = new ObjectMapper().readTree(resource("cases.json").toFile()).get(form);
        return StreamSupport.stream(cases.spliterator(), false)
                .map(c -> DynamicTest.dynamicTest(title(c), () -> check(tokenizer, c)));
    }

    private static void check(ClipTokenizer tokenizer, JsonNode expected) {
        var ids = new int[expected.get("ids").size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = expected.get("ids").get(i).intValue();
        }
        assertArrayEquals(ids, tokenizer.encode(expected.get("text").textValue()));
    }

    private static String title(JsonNode expected) {
        var text = expected.get("text").toString();
        return text.substring(0, Math.min(text.length(), 40));
    }

    @Test
    void longestPromptsTakeBoundedTime() throws Exception {
        var tokenizer = ClipTokenizer.load(resource("files"));
        int n = ClipTokenizer.MAX_CHARACTERS;
        for (var text :
                new String[] {"ab".repeat(n / 2), "red ".repeat(n / 4), "e\u0301".repeat(n / 2)}) {
            assertTimeout(
                    Duration.ofSeconds(10),
                    () -> assertEquals(tokenizer.endId(), tokenizer.encode(text)[76]));
        }
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> tokenizer.encode("a".repeat(10 << 20)));
        assertEquals(
                "prompt: expected at most 262144 characters, found 10485760", error.getMessage());
    }

    @Test
    void unpairedSurrogatesDoNotStopIt() throws Exception {
        var tokenizer = ClipTokenizer.load(resource("files"));
        assertEquals(77, tokenizer.encode("a \ud83d b \ude00\ud83d").length);
    }

    @Test
    void namesTheFileThatIsMissing() {
        assertMessage("vocab.json: missing; expected tokenizer.json, or vocab.json and merges.txt");
    }

    @Test
    void namesWhatIsWrongInAFile() throws Exception {
        copy("files");
        Files.writeString(dir.resolve("merges.txt"), "#version: 0.2\na b c\n");
        assertMessage("merges.txt: expected two symbols a merge, found 'a b c'");
        Files.writeString(dir.resolve("merges.txt"), "#version: 0.2\nq zzz\n");
        assertMessage("merge 'q zzz' needs 'zzz', which the vocabulary lacks");
        Files.writeString(dir.resolve("merges.txt"), "");
        assertMessage("expected BPE merges, found none");
        Files.writeString(dir.resolve("vocab.json"), "{\"a\": -1}");
        assertMessage("vocab.json: `a`: expected an id, found -1");
        Files.writeString(dir.resolve("vocab.json"), "{\"a\": 1");
        assertMessage("vocab.json: not JSON: ");
        Files.write(dir.resolve("vocab.json"), new byte[] {(byte) 0xc3, 0x28});
        assertMessage("vocab.json: cannot be read as UTF-8 text: ");
    }

    @Test
    void refusesOtherTokenizers() throws Exception {
        Files.writeString(
                dir.resolve("tokenizer.json"),
                "{\"model\": {\"type\": \"Unigram\", \"vocab\": []}}");
        assertMessage("not a CLIP tokenizer: `type`: expected BPE, found \"Unigram\"");
    }

    @Test
    void checksTheConfig() throws Exception {
        copy("files");
        Files.writeString(dir.resolve("tokenizer_config.json"), "{\"model_max_length\": 1}");
        assertMessage("`model_max_length`: expected 2 to 4096, found 1");
        Files.writeString(dir.resolve("tokenizer_config.json"), "{\"pad_token\": \"<pad>\"}");
        assertMessage("`pad_token=<pad>` is not in the vocabulary");
        Files.writeString(
                dir.resolve("tokenizer_config.json"),
                "{\"model_max_length\": 1000000000000000019884624838656}");
        assertEquals(77, ClipTokenizer.load(dir).maxLength());
    }

    private void assertMessage(String part) {
        var error = assertThrows(ModelFileException.class, () -> ClipTokenizer.load(dir));
        assertTrue(error.getMessage().contains(part), error.getMessage());
        assertTrue(error.getMessage().startsWith(dir.toString()), error.getMessage());
        assertEquals(1, error.getMessage().lines().count());
    }

    private void copy(String form) throws Exception {
        try (var files = Files.list(resource(form))) {
            for (var file : (Iterable<Path>) files::iterator) {
                Files.copy(file, dir.resolve(file.getFileName()));
            }
        }
    }

    private static Path resource(String name) throws IOException, URISyntaxException {
        return Path.of(ClipTokenizerTest.class.getResource("/tokenizer/" + name).toURI());
    }
}
