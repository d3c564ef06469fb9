package io.mitune.producers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptSourceTest {
    private static final PromptSource SOURCE = PromptSource.create();

    @TempDir Path dir;

    @Test
    void readsOnePromptALineWhateverTheLineBreak() throws IOException {
        var prompts = SOURCE.file(file("p.txt", "a red cube\r\n\n  a blue ball  \nno newline"));
        assertEquals(List.of("a red cube", "a blue ball", "no newline"), texts(prompts));
        assertEquals(List.of(1L, 3L, 4L), prompts.accepted().stream().map(Prompt::line).toList());
        assertEquals(0, prompts.badCount());
    }

    @Test
    void readsCompBenchColumnsDuplicatesAndCategory() throws IOException {
        var prompts = SOURCE.file(file("color_train.txt", "a green bench\tseen\na green bench\n"));
        assertEquals(List.of("a green bench", "a green bench"), texts(prompts));
        assertEquals("color", prompts.accepted().get(0).category());
    }

    @Test
    void knowsTheFileNamesOfTheBenchmark() {
        assertEquals("spatial", category("spatial_val.txt"));
        assertEquals("3d_spatial", category("3d_spatial_val.txt"));
        assertEquals("non_spatial", category("non_spatial.txt"));
        assertEquals("complex", category("complex_train_action.txt"));
        assertEquals("", category("colorful.txt"));
        assertEquals("", category("prompts.txt"));
    }

    @Test
    void takesTheCategoryFromTheTextWhenToldHow() {
        var source = PromptSource.withCategory(t -> t.contains("left") ? "spatial" : "single");
        var prompts = source.arguments(List.of("a cube left of a ball", " a cube "));
        assertEquals("spatial", prompts.accepted().get(0).category());
        assertEquals("single", prompts.accepted().get(1).category());
        assertEquals("a cube", prompts.accepted().get(1).text());
    }

    @Test
    void reportsBadLinesWithTheirNumberAndGoesOn() {
        byte[] bytes =
                concat(
                        "good\n".getBytes(UTF_8),
                        new byte[] {(byte) 0xC3, 0x28, '\n'},
                        "b\u0007ell\n".getBytes(UTF_8),
                        ("x".repeat(4097) + "\nlast").getBytes(UTF_8));
        var prompts = SOURCE.stream("input", new ByteArrayInputStream(bytes));
        assertEquals(List.of("good", "last"), texts(prompts));
        assertEquals(3, prompts.badCount());
        assertEquals(
                List.of(
                        "line 2: expected UTF-8, found other bytes; convert the file",
                        "line 3: expected printable text, found control character U+0007 at"
                                + " character 2",
                        "line 4: expected at most 4096 bytes, found 4097"),
                prompts.badLines().stream().map(BadLine::toString).toList());
    }

    @Test
    void acceptsALineOfExactlyTheLimitAndLongColumnsAfterIt() {
        var text = "x".repeat(4096) + "\r\n" + "y\t" + "z".repeat(100_000) + "\n";
        var prompts = SOURCE.stream("input", new ByteArrayInputStream(text.getBytes(UTF_8)));
        assertEquals(List.of("x".repeat(4096), "y"), texts(prompts));
    }

    @Test
    void dropsAByteOrderMarkAtTheStart() {
        var prompts =
                SOURCE.stream("input", new ByteArrayInputStream("\uFEFFone\n".getBytes(UTF_8)));
        assertEquals(List.of("one"), texts(prompts));
    }

    @Test
    void skipsAHugeLineWithoutHoldingIt() {
        long huge = 1L << 30; // as large as the whole heap of the tests
        var in = new FixedStream(huge, "\nfine\n".getBytes(UTF_8));
        var prompts = SOURCE.stream("input", in);
        assertEquals(List.of("fine"), texts(prompts));
        assertEquals(
                "line 1: expected at most 4096 bytes, found " + huge,
                prompts.badLines().get(0).toString());
    }

    @Test
    void countsAllBadLinesAndKeepsTheFirst() {
        var text = "\u0001\n".repeat(5000) + "ok\n";
        var prompts = SOURCE.stream("input", new ByteArrayInputStream(text.getBytes(UTF_8)));
        assertEquals(5000, prompts.badCount());
        assertEquals(PromptSource.MAX_REPORTED, prompts.badLines().size());
    }

    @Test
    void nothingToReadIsOneLine() throws IOException {
        var empty = file("empty.txt", "\n\r\n");
        assertEquals(
                empty + ": expected one prompt a line, found an empty file",
                fails(() -> SOURCE.file(empty)));
        var bad = file("bad.txt", "\u0000\n");
        assertTrue(fails(() -> SOURCE.file(bad)).contains("found only bad ones; line 1:"));
        assertTrue(
                fails(() -> SOURCE.file(dir))
                        .endsWith("expected a readable text file, found none"));
        assertTrue(fails(() -> SOURCE.file(dir.resolve("no"))).endsWith("found none"));
    }

    @Test
    void anArgumentMustBeGood() {
        assertEquals(
                "prompt 1: expected a text, found an empty prompt",
                fails(() -> SOURCE.arguments(List.of(" "))));
        assertTrue(fails(() -> SOURCE.arguments(List.of("a\tb"))).contains("U+0009"));
        assertTrue(fails(() -> SOURCE.arguments(List.of("\uD800x"))).contains("surrogate"));
        assertTrue(fails(() -> SOURCE.arguments(List.of())).contains("found none"));
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(dir.resolve(name), content);
    }

    private static String category(String name) {
        return PromptSource.compBenchCategory(Path.of(name));
    }

    private static List<String> texts(Prompts prompts) {
        return prompts.accepted().stream().map(Prompt::text).toList();
    }

    private static String fails(Runnable work) {
        var message = assertThrows(PublishException.class, work::run).getMessage();
        assertEquals(1, message.lines().count());
        return message;
    }

    private static byte[] concat(byte[]... parts) {
        var out = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** A run of the letter a, then a tail. */
    private static final class FixedStream extends InputStream {
        private long left;
        private final ByteArrayInputStream tail;

        FixedStream(long run, byte[] tail) {
            this.left = run;
            this.tail = new ByteArrayInputStream(tail);
        }

        @Override
        public int read() {
            return left > 0 ? one() : tail.read();
        }

        private int one() {
            left--;
            return 'a';
        }

        @Override
        public int read(byte[] b, int off, int len) {
            if (left == 0) {
                return tail.read(b, off, len);
            }
            int n = (int) Math.min(len, left);
            java.util.Arrays.fill(b, off, off + n, (byte) 'a');
            left -= n;
            return n;
        }
    }
}
