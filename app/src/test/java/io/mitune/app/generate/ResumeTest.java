package io.mitune.app.generate;

import static io.mitune.app.generate.AlbumFiles.assertSame;
import static io.mitune.app.generate.AlbumFiles.generate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.Main;
import io.mitune.app.TinyModel;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stopped run goes on to the same bytes, and never mixes with another run. */
class ResumeTest {
    private static final String PROMPT = "the red cat\u2019s \u00e9clair";
    private static final Object[] WANTED = {
        "--prompt", PROMPT, "--num-images-per-prompt", "5", "--mi"
    };

    @TempDir Path folder;

    @Test
    void aProcessKilledHalfWayGoesOnToTheSameBytes() throws Exception {
        for (var type : List.of("png", "latent")) {
            Object[] wanted = {
                "--prompt",
                PROMPT,
                "--num-images-per-prompt",
                24,
                "--micro-batch",
                2,
                "--mi",
                "--num_inference_steps=6",
                "--output-type",
                type
            };
            var whole = folder.resolve("whole-" + type);
            generate(whole, wanted).ok();
            var broken = folder.resolve("broken-" + type);
            for (int left = 5; !isKilledHalfWay(broken, wanted); left--) {
                assertTrue(left > 1, "each time it was done before it was killed");
                delete(broken);
            }
            var again = generate(broken, wanted).ok();
            assertTrue(again.err().contains("24/24 images"), again.err());
            assertSame(whole, broken);
        }
    }

    /** False when it was done before it was killed. */
    private static boolean isKilledHalfWay(Path out, Object... wanted) throws Exception {
        var rows = out.resolve("metadata.jsonl");
        var child = start(out, wanted);
        try {
            var end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
            while (lines(rows) < 6 && child.isAlive()) {
                assertTrue(System.nanoTime() < end, "no pictures");
                LockSupport.parkNanos(1_000_000);
            }
        } finally {
            child.destroyForcibly().waitFor(); // SIGKILL
        }
        if (child.exitValue() == 0) {
            return false;
        }
        assertEquals(128 + 9, child.exitValue());
        return lines(rows) < 24;
    }

    private static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void brokenRowsAndPicturesAreMadeAgain() throws IOException {
        var whole = folder.resolve("whole");
        generate(whole, WANTED).ok();
        var broken = folder.resolve("broken");
        generate(broken, WANTED).ok();
        var rows = broken.resolve("metadata.jsonl");
        var bytes = Files.readAllBytes(rows);
        var lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        var kept = broken.resolve("samples/" + ImageNames.of(PROMPT, 2));
        var before = Files.getLastModifiedTime(kept);

        // a line cut inside a letter of two bytes, a foreign one, a picture gone, one cut short
        var third = (lines.get(2) + "\n").getBytes(StandardCharsets.UTF_8);
        var cut = lines.get(3).getBytes(StandardCharsets.UTF_8);
        var inside = lines.get(3).substring(0, lines.get(3).indexOf('\u00e9')).length() + 3;
        var all = Files.newOutputStream(rows);
        try (all) {
            all.write((lines.get(0) + "\n{\"index\":\n[1]\n").getBytes(StandardCharsets.UTF_8));
            all.write((lines.get(1) + "\n").getBytes(StandardCharsets.UTF_8));
            all.write(third);
            all.write(Arrays.copyOf(cut, inside));
        }
        Files.delete(broken.resolve("samples/" + ImageNames.of(PROMPT, 0)));
        var half = broken.resolve("samples/" + ImageNames.of(PROMPT, 1));
        Files.write(half, Arrays.copyOf(Files.readAllBytes(half), 100));
        Files.write(half.resolveSibling(half.getFileName() + ".partial"), new byte[9]);

        generate(broken, WANTED).ok();
        assertEquals(before, Files.getLastModifiedTime(kept), "a finished picture was drawn again");
        assertSame(whole, broken);
        assertTrue(generate(broken, WANTED).ok().err().contains("5/5"), "nothing left to do");

        Files.write(rows, new byte[] {(byte) 0xff, 0, '\n', (byte) 0xc3});
        generate(broken, WANTED).ok();
        assertSame(whole, broken);
    }

    @Test
    void latentsCutShortAreMadeAgain() throws IOException {
        var whole = folder.resolve("whole");
        Object[] latents = {"--prompt", PROMPT, "--output-type", "latent"};
        generate(whole, latents).ok();
        var broken = folder.resolve("broken");
        generate(broken, latents).ok();
        var file = broken.resolve("latents.safetensors");
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 200));
        generate(broken, latents).ok();
        assertSame(whole, broken);
    }

    @Test
    void aFolderOfOtherSettingsIsRefused() throws IOException {
        var out = folder.resolve("out");
        generate(out, WANTED).ok();
        var before = Files.readString(out.resolve("metadata.jsonl"));
        assertRefused(out, "seed: expected 7 as in this run, found 42", "--seed", 7);
        assertRefused(out, "output_type: expected latent", "--output-type", "latent");
        assertRefused(out, "guidance_scale: expected 2.0", "--guidance-scale", 2);
        assertRefused(out, "scheduler: expected euler", "--scheduler", "euler");
        assertRefused(out, "negative_prompt: expected blurry", "--negative-prompt", "blurry");
        var adapter = TinyModel.CASE.resolve("adapter/peft");
        assertRefused(out, "adapter: expected " + adapter, "--adapter", adapter);
        assertRefused(out, "index: expected less than 3", "--num-images-per-prompt", 3);
        var line = generate(out, Arrays.copyOf(WANTED, WANTED.length - 1)).failedInOneLine();
        assertTrue(line.contains("mi_estimator: expected null"), line);
        assertEquals(before, Files.readString(out.resolve("metadata.jsonl")));
        assertFalse(Files.exists(out.resolve("latents.parts")));
    }

    @Test
    void startNoiseAndAdaptersAreKnownByTheirContent() throws IOException {
        var out = folder.resolve("out");
        var start = folder.resolve("start.safetensors");
        noise(start, 1);
        var adapter = folder.resolve("adapter.safetensors");
        var original = TinyModel.CASE.resolve("adapter/diffusers/pytorch_lora_weights.safetensors");
        Files.copy(original, adapter);
        Object[] wanted = {"--prompt", "a", "--latents", start, "--adapter", adapter};
        generate(out, wanted).ok();
        noise(start, 2);
        var noise = generate(out, wanted).failedInOneLine();
        assertTrue(noise.contains("start_latents: expected"), noise);
        noise(start, 1);
        TinyModel.editTensors(adapter, ResumeTest::forget);
        var line = generate(out, wanted).failedInOneLine();
        assertTrue(line.contains("adapter_sha256: expected"), line);
    }

    @Test
    void filesThatAreNoPicturesOfTheRunAreRefused() throws IOException {
        var out = folder.resolve("out");
        Files.createDirectories(out.resolve("samples"));
        Files.createFile(out.resolve("samples/a dog_000009.png"));
        var line = generate(out, WANTED).failedInOneLine();
        assertTrue(line.contains("a dog_000009.png: expected pictures of this run only"), line);
        var rows = Files.createDirectories(folder.resolve("other/metadata.jsonl"));
        var asFolder = generate(folder.resolve("other"), WANTED).failedInOneLine();
        assertTrue(asFolder.contains(rows.toString()), asFolder);
    }

    private static void assertRefused(Path out, String found, Object... changed) {
        var options = new ArrayList<Object>(List.of(WANTED));
        options.addAll(List.of(changed));
        if (options.indexOf(changed[0]) < WANTED.length) {
            options.remove(options.indexOf(changed[0]) + 1);
            options.remove(changed[0]);
        }
        var line = generate(out, options.toArray()).failedInOneLine();
        assertTrue(line.contains(found) && line.contains("choose another --output"), line);
    }

    /** Sets one matrix to zero. */
    private static void forget(Map<String, Tensor> tensors) {
        var name = tensors.keySet().stream().filter(n -> n.contains("lora.up")).findFirst();
        var shape = tensors.get(name.orElseThrow()).shape().stream().mapToLong(v -> v).toArray();
        var zeros = new float[Math.toIntExact(shape[0] * shape[1])];
        tensors.put(name.orElseThrow(), Tensor.f32(zeros, shape));
    }

    private static void noise(Path file, float value) {
        var values = new float[4 * 12 * 8];
        Arrays.fill(values, value);
        SafetensorsWriter.write(file, Map.of("latents", Tensor.f32(values, 1, 4, 12, 8)), Map.of());
    }

    private static long lines(Path rows) throws IOException {
        return Files.exists(rows)
                ? new String(Files.readAllBytes(rows), StandardCharsets.UTF_8).lines().count()
                : 0;
    }

    private static Process start(Path out, Object... more) throws IOException {
        var line = new ArrayList<String>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
        line.add(Main.class.getName());
        for (var word : AlbumFiles.command(out, more)) {
            line.add(word.toString());
        }
        return new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
