package io.mitune.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.dashboard.TestStream;
import io.mitune.schemas.PromptRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run as a page, from topics filled with records and blobs. */
class ReportIT {
    private static final int PROMPTS = 130;
    private static final Pattern PICTURE = Pattern.compile("base64,([^\"]+)\"");

    @TempDir Path folder;

    @Test
    void aRunAsOnePageAndPlots() throws Exception {
        try (var stream = new TestStream(folder.resolve("data"))) {
            fill(stream);
            var file = folder.resolve("out/run.html");
            report(stream, "--output", file).ok();
            var page = Files.readString(file);
            pageIsWhole(page);
            contents(page);
            plots(folder.resolve("out/run-plots"));
            report(stream, "--output", file).ok();
            assertEquals(page, Files.readString(file), "the same log gives the same page");
            ofAnAdapter(stream);
            var none = report(stream, "--run", "other", "--output", file).failedInOneLine();
            assertTrue(none.contains("expected one of [default], found other"), none);
            var unknown = report(stream, "--adapter", "default@9", "--output", file);
            assertTrue(unknown.failedInOneLine().contains("expected one of [1, 2]"));
            withoutAList(stream, file);
        }
    }

    private void ofAnAdapter(TestStream stream) throws IOException {
        var file = folder.resolve("adapter.html");
        var later = PromptRequest.newBuilder(TestStream.request(0, 6)).setRound(2).build();
        stream.candidate(later, 0, 50, null);
        stream.curated(later, 0, 50, null);
        stream.flush();
        report(stream, "--adapter", "default@1", "--output", file).ok();
        var page = Files.readString(file);
        assertTrue(page.contains("<h1>Run default, adapter 1</h1>"), "title");
        assertTrue(page.contains("after: version 1"), "sheet of the version");
        assertTrue(page.contains("130 prompts, 780 candidates drawn and scored, 130 kept"), page);
        assertFalse(page.contains("version 2"), "what came later");
        assertTrue(page.contains("<summary>The first 80 of 80 samples</summary>"), "its own");
        assertFalse(page.contains("holds no record"), "nothing is lost");
    }

    /** A version from before such lists: its page says so and shows the rest. */
    private void withoutAList(TestStream stream, Path file) throws IOException {
        stream.adapter(3, "promoted", true);
        stream.flush();
        var said = report(stream, "--output", file).ok().err();
        assertTrue(said.contains("version 3: expected the list of its samples, found none"), said);
        var page = Files.readString(file);
        assertTrue(page.contains("version 3: expected the list of its samples"), "the page");
        assertTrue(page.contains("<td>version 3</td><td>2</td>"), "versions");
        assertFalse(page.contains("The first "), "samples");
    }

    private static void fill(TestStream stream) {
        for (var prompt = 0; prompt < PROMPTS; prompt++) {
            var picture = stream.picture(prompt, 32, 32);
            stream.prompt(prompt, 6);
            for (var index = 0; index < 6; index++) {
                stream.candidate(prompt, index, 6, prompt % 5 + index, picture);
            }
            stream.curated(prompt, 5, prompt % 5 + 5, picture);
        }
        for (var step = 1; step <= 120; step++) {
            stream.step(step);
        }
        stream.judged(0, 1.5);
        stream.judged(1, 1.75);
        stream.judged(2, 1.9);
        stream.adapter(1, "promoted", false, IntStream.range(0, 80), 5);
        stream.adapter(2, "promoted", true, IntStream.range(80, PROMPTS + 1), 5);
        stream.status("running", "");
        stream.flush();
    }

    private static void pageIsWhole(String page) throws Exception {
        assertFalse(page.contains("<script"), "a script");
        assertFalse(page.matches("(?s).*(src|href)=\"(?!data:).*"), "a reference to elsewhere");
        assertFalse(page.contains("url("), "a reference in the style");
        assertTrue(page.contains("default-src 'none'"), "a policy");
        var xml =
                page.substring(page.indexOf("<body>"), page.indexOf("</html>"))
                        .replaceAll("(<img [^>]*)>", "$1/>");
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    private static void contents(String page) throws IOException {
        assertTrue(page.contains("130 prompts, 780 candidates drawn and scored, 130 kept"), page);
        assertTrue(page.contains("60 of 130 prompts"), "the bound is said");
        assertTrue(
                page.contains("ddpm, 50 steps, guidance 2.0, 6 candidates a prompt"), "settings");
        assertTrue(page.contains("before: base model"), "sheet of the base model");
        assertTrue(page.contains("after: version 2"), "sheet of the version");
        assertTrue(page.contains("<td>1.900 ± 0.100</td><td>0.400</td>"), "validation");
        assertTrue(page.contains("<td>candidates</td><td>780</td><td>0.0542</td>"), "cost");
        // 120 steps of 1.5 seconds; three times 3 seconds of validation
        assertTrue(page.contains("<td>training steps</td><td>120</td><td>0.0500</td>"), "training");
        assertTrue(page.contains("<td>together</td><td></td><td>0.1067</td>"), "cost");
        assertTrue(page.contains("<td>version 2</td><td>1</td>"), "lineage");
        behind(page);
        assertTrue(page.contains("class=\"kept\""), "MI of those kept");
        var pictures = PICTURE.matcher(page);
        var count = 0;
        for (; pictures.find(); count++) {
            var png = Base64.getDecoder().decode(pictures.group(1));
            assertTrue(ImageIO.read(new ByteArrayInputStream(png)).getWidth() > 0);
        }
        assertEquals(60 + 2 + RunLineage.MAX_SAMPLES, count);
    }

    /** Of one sample of version 2 there is no record. */
    private static void behind(String page) {
        assertTrue(
                page.contains(
                        "<td>round 1</td><td>130</td><td>780</td><td>130</td><td>42</td>"
                                + "<td>mi-max@1: 130</td>"),
                "rounds");
        assertTrue(page.contains("<summary>The first 100 of 131 samples</summary>"), "bounded");
        assertTrue(page.contains("Of 1 the log holds no record"), "what is lost");
        var rows = page.split("<summary>The first ")[1].split("<tr>");
        assertEquals(1 + 1 + RunLineage.MAX_SAMPLES, rows.length);
        for (var number : new int[] {0, 99}) {
            var cells =
                    "<td>%s</td><td>1</td><td>7</td><td>%.3f</td><td>mi-max@1</td><td>best of 6</td>"
                            .formatted(TestStream.text(number), number % 5 + 5.0);
            assertTrue(rows[number + 2].contains("<img "), rows[number + 2]);
            assertTrue(rows[number + 2].contains(cells), rows[number + 2]);
        }
    }

    private static void plots(Path plots) throws IOException {
        try (var files = Files.list(plots)) {
            var names = files.map(f -> f.getFileName().toString()).sorted().toList();
            assertEquals(
                    List.of(
                            "gradient-norm.png",
                            "learning-rate.png",
                            "mi-of-candidates.png",
                            "staleness.png",
                            "training-loss.png",
                            "training-speed.png"),
                    names);
            for (var name : names) {
                var image = ImageIO.read(plots.resolve(name).toFile());
                assertEquals(2 * Plot.WIDTH, image.getWidth());
                var colours =
                        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, 1440);
                assertTrue(Arrays.stream(colours).distinct().count() > 5, name);
            }
        }
    }

    private Result report(TestStream stream, Object... words) {
        var all = new ArrayList<Object>(List.of("report"));
        all.addAll(List.of(words));
        var to = stream.connection();
        all.addAll(List.of("--blobs", folder.resolve("data/blobs")));
        return CommandLineRunner.on(to, all.toArray());
    }
}
