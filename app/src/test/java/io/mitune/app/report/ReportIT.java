package io.mitune.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.dashboard.TestStream;
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
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run as a page, from topics filled with records and blobs. */
class ReportIT {
    private static final int PROMPTS = 70;
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
        }
    }

    private void ofAnAdapter(TestStream stream) throws IOException {
        var file = folder.resolve("adapter.html");
        report(stream, "--adapter", "default@1", "--output", file).ok();
        var page = Files.readString(file);
        assertTrue(page.contains("<h1>Run default, adapter 1</h1>"), "title");
        assertTrue(page.contains("after: version 1"), "sheet of the version");
        assertFalse(page.contains("version 2"), "what came later");
    }

    private static void fill(TestStream stream) {
        for (var prompt = 0; prompt < PROMPTS; prompt++) {
            var picture = stream.picture(prompt, 32, 32);
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
        stream.adapter(1, "promoted", false);
        stream.adapter(2, "promoted", true);
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
        assertTrue(page.contains("70 prompts, 420 candidates drawn and scored, 70 kept"), page);
        assertTrue(page.contains("60 of 70 prompts"), "the bound is said");
        assertTrue(
                page.contains("ddpm, 50 steps, guidance 2.0, 6 candidates a prompt"), "settings");
        assertTrue(page.contains("before: base model"), "sheet of the base model");
        assertTrue(page.contains("after: version 2"), "sheet of the version");
        assertTrue(page.contains("<td>1.900 ± 0.100</td><td>0.400</td>"), "validation");
        assertTrue(page.contains("<td>candidates</td><td>420</td><td>0.0292</td>"), "cost");
        assertTrue(page.contains("<td>version 2</td><td>1</td>"), "lineage");
        assertTrue(page.contains("class=\"kept\""), "MI of those kept");
        var pictures = PICTURE.matcher(page);
        var count = 0;
        for (; pictures.find(); count++) {
            var png = Base64.getDecoder().decode(pictures.group(1));
            assertTrue(ImageIO.read(new ByteArrayInputStream(png)).getWidth() > 0);
        }
        assertEquals(62, count);
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
