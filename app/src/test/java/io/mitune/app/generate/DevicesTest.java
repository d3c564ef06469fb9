package io.mitune.app.generate;

import static io.mitune.app.generate.AlbumFiles.assertSame;
import static io.mitune.app.generate.AlbumFiles.generate;
import static io.mitune.app.generate.AlbumFiles.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several devices work on one album. */
class DevicesTest {
    @TempDir Path folder;

    @Test
    void threeDevicesLeaveTheSameBytesAsOne() throws IOException {
        var one = folder.resolve("one");
        var three = folder.resolve("three");
        var adapter = TinyModel.CASE.resolve("adapter/peft");
        var prompts = folder.resolve("prompts.txt");
        Files.writeString(prompts, "a cat\na cat\ntwo dogs\n"); // one prompt occurs twice
        Object[] wanted = {
            "--prompts",
            prompts,
            "--num-images-per-prompt",
            5,
            "--micro-batch",
            2,
            "--mi",
            "--adapter",
            adapter,
            "--threads",
            1,
            "--devices"
        };
        generate(one, with(wanted, "cpu:0")).ok();
        var result = generate(three, with(wanted, "cpu:0,cpu:1,cpu:2")).ok();
        assertTrue(result.err().contains("15/15 images"), result.err());
        assertSame(one, three);
        var rows = rows(three);
        assertEquals("samples/a cat_000004.png", rows.get(4).get("file_name").asText());
        assertEquals("samples/a cat_000005.png", rows.get(5).get("file_name").asText());
        assertEquals("sd", rows.get(0).get("family").asText());
    }

    @Test
    void noNegativePromptIsToldFromAnEmptyOne() throws IOException {
        var none = folder.resolve("none");
        var empty = folder.resolve("empty");
        generate(none, "--prompt", "a cat").ok();
        generate(empty, "--prompt", "a cat", "--negative-prompt", "").ok();
        assertTrue(rows(none).get(0).get("negative_prompt").isNull());
        assertEquals("", rows(empty).get(0).get("negative_prompt").asText("?"));
        var mixed = generate(none, "--prompt", "a cat", "--negative-prompt", "");
        assertTrue(mixed.failedInOneLine().contains("negative_prompt: expected"), mixed.err());
    }

    @Test
    void aFailureOfOneDeviceStopsAll() throws IOException {
        var out = folder.resolve("out");
        Object[] wanted = {
            "--prompt", "a", "--num-images-per-prompt", 6, "--micro-batch", 1, "--threads", 1
        };
        generate(out, wanted).ok();
        var picture = out.resolve("samples/a_000003.png");
        Files.delete(picture);
        Files.createDirectories(picture.resolve("in the way")); // cannot be replaced
        var result = generate(out, with(wanted, "--devices", "cpu:0,cpu:1"));
        var last = result.err().strip().replaceFirst("(?s).*\n", "");
        assertEquals(1, result.code());
        assertTrue(last.contains("a_000003.png: "), result.err());
    }

    @Test
    void badDevicesAreToldInOneLine() {
        var out = folder.resolve("out");
        assertFails("--devices: expected cpu, gpu or gpu:N, found tpu", out, "cpu:0,tpu", 1);
        assertFails("--devices: expected different devices", out, "cpu:1,cpu:1", 1);
        assertFails("--threads: expected 1 to 1024, found 0", out, "cpu:0", 0);
        assertTrue(Files.notExists(out));
    }

    private static void assertFails(String found, Path out, String devices, int threads) {
        var result = generate(out, "--prompt", "a", "--devices", devices, "--threads", threads);
        assertTrue(result.failedInOneLine().contains(found), result.err());
    }

    private static Object[] with(Object[] options, Object... more) {
        var all = new ArrayList<Object>(List.of(options));
        all.addAll(List.of(more));
        return all.toArray();
    }
}
