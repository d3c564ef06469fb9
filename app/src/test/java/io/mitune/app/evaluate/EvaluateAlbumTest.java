package io.mitune.app.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.generate.ImageNames;
import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures with scores of other tools, joined by image. Figures are worked out by hand. */
class EvaluateAlbumTest {
    private static final String DOG = "a green dog, \"big\"";
    private static final String[] PROMPTS = {"a red cat", DOG};
    private static final double[] MI = {1, 2, 3, 30, 20, 10};

    @TempDir Path folder;
    private Path album;

    @BeforeEach
    void makeAlbum() throws IOException {
        album = album("out", MI);
    }

    @Test
    void resultsOfCompBenchAreFoundBelowTheAlbumAndJoined() throws IOException {
        Files.createDirectories(album.resolve("annotation_blip"));
        Files.writeString(
                album.resolve("annotation_blip/vqa_result.json"),
                """
                [{"question_id": 5, "answer": "0.1000"}, {"question_id": 0, "answer": "0.2000"},
                 {"question_id": 1, "answer": 0.4}, {"question_id": 2, "answer": "0.6"},
                 {"question_id": "3", "answer": "0.5"}, {"question_id": 4, "answer": "0.3"}]
                """);
        var csv = folder.resolve("images.csv");
        var json = folder.resolve("all.json");
        var lines = evaluate(album, "--csv", csv, "--output", json).ok().out().lines().toList();
        assertEquals(
                List.of("prompts", "out", "MI", "out", "BLIP-VQA"),
                List.of(lines.get(0).strip().split(" +")));
        // prompt means 2 and 20, 0.4 and 0.3
        assertTrue(lines.get(2).matches("all +2 +11.000 . 9.000 +0.3500 . 0.0500"), lines.get(2));
        assertTrue(lines.get(3).matches("color +1 +2.000 +0.4000"), lines.get(3));
        assertTrue(lines.get(4).matches("complex +1 +20.000 +0.3000"), lines.get(4));
        var all = lines.stream().filter(l -> l.startsWith("out, MI and BLIP-VQA, all")).findFirst();
        // over all six: ranks 1 2 3 6 5 4 and 2 4 6 5 3 1, rho = 1 - 6 * 28 / 210, 9 of 15 agree
        var cells = all.orElseThrow().replaceFirst(".*all +", "").split("  +");
        assertEquals(List.of("6", "0.200", "0.200"), List.of(cells).subList(0, 3), all + "");
        assertEquals("1.000 \u00b1 0.000", cells[3]);
        assertEquals("2", cells[5]);

        var rows = Files.readAllLines(csv);
        assertEquals("arm,album,index,file_name,prompt,category,right,mi,blip_vqa", rows.get(0));
        assertEquals(7, rows.size());
        var place = "out," + album + ",3,\"samples/" + ImageNames.of(DOG, 3) + "\",";
        assertEquals(place + "\"a green dog, \"\"big\"\"\",complex,,30.0,0.5", rows.get(4));
        var arm = new ObjectMapper().readTree(json.toFile()).get("arms").get(0);
        assertEquals(0.35, arm.at("/blip_vqa/all/mean").asDouble(), 1e-12);
        assertEquals(6, arm.at("/mi_with_blip_vqa/all/images").asInt());
        assertEquals(0.3, arm.at("/prompts/1/blip_vqa/1").asDouble());
    }

    @Test
    void scoresComeFromCsvFilesOfManyForms() throws IOException {
        var csv = folder.resolve("hps.csv");
        var names = new ArrayList<String>();
        for (var i = 0; i < 6; i++) {
            names.add(ImageNames.of(PROMPTS[i / 3], i));
        }
        Files.writeString(
                csv,
                "\uFEFFPrompt;Image_Path;HPS_score\r\n"
                        + "x;\"/data/samples/"
                        + names.get(0)
                        + "\";0.25\r\n"
                        + "x;"
                        + names.get(1)
                        + ";0.26\r\n"
                        + "\"two\nlines\";2;0.27\r\n\r\n"
                        + "x;000003.png;0.28\r\nx;4;0.29\r\n");
        var result = evaluate(album, "--join-hps", csv).ok();
        assertTrue(result.err().contains("no score for 1 of 6 images: 5"), result.err());
        assertTrue(result.out().lines().findFirst().orElseThrow().endsWith("out HPS"));
        var row = result.out().lines().toList().get(2);
        assertTrue(row.endsWith("0.2725 \u00b1 0.0125"), row); // of 0.26 and 0.285
    }

    @Test
    void foldersOfOneNameAreOneArmAndOthersAreCompared() throws IOException {
        var more = album("more", 4, 4, 4, 4, 4, 4);
        var both =
                run(
                        "--album",
                        "base=" + album,
                        "--album",
                        "base=" + more,
                        "--album",
                        "tuned=" + more,
                        "--album",
                        "tuned=" + album);
        var lines = both.ok().out().lines().toList();
        assertTrue(lines.get(0).matches(" +prompts +base MI +tuned MI"), lines.get(0));
        assertTrue(lines.get(2).matches("all +4 +7.500 . 4.193 +7.500 . 4.193"), lines.get(2));
    }

    @Test
    void whatDoesNotBelongTogetherIsToldInOneLine() throws IOException {
        var file = folder.resolve("scores.json");
        assertJoinFails(file, "[{\"question_id\": 6, \"answer\": 1}]", "found 1 others: 6");
        assertJoinFails(file, "{\"0\": 1}", "expected a list of question_id");
        assertJoinFails(file, "[", "something unreadable");
        assertJoinFails(file, "[{\"question_id\": 0, \"answer\": \"yes\"}]", "found {\"question");
        assertJoinFails(
                file,
                "[{\"question_id\": 0, \"answer\": 1}, {\"question_id\": 0, \"answer\": 2}]",
                "image 0: expected one score, found 1.0 and 2.0");
        var csv = folder.resolve("hps.csv");
        assertCsvFails(csv, "picture,hps\n1,2\n", "expected a column for the image");
        assertCsvFails(csv, "image,beauty\n1,2\n", "expected a column for the score");
        assertCsvFails(csv, "image,hps\nnone_000001.png,2\n", "row 1: expected an image of");
        assertCsvFails(csv, "image,hps\n1,2\n1,much\n", "row 2: expected 2 cells with a number");
        assertCsvFails(csv, "image,hps\n1,2,3\n", "row 1: expected 2 cells");
        assertCsvFails(csv, "image,hps\n", "expected a head and rows");
        Files.delete(csv);
        assertFails(evaluate(album, "--join-hps", csv), "expected a readable CSV file");
        assertFails(evaluate(album, "--join-hps", "x=" + csv), "expected NAME=FILE with one of");
        assertFails(run("--model", "m", "--prompt", "a", "--csv", csv), "expected an --album");
        assertFails(evaluate(album, "--model", folder), "--album: expected no --model, found one");
        assertFails(evaluate(folder.resolve("none")), "expected what generate writes, found none");
        var other = folder.resolve("other");
        write(other, "a blue cat", MI);
        assertFails(run("--album", album, "--album", other), "expected the prompts of out in");
    }

    @Test
    void brokenAlbumsAreRefused() throws IOException {
        var rows = album.resolve("metadata.jsonl");
        var lines = Files.readAllLines(rows);
        Files.write(rows, lines.subList(1, 6));
        assertFails(evaluate(album), "line 1: expected index 0, found 1; run generate again");
        Files.writeString(rows, lines.get(0) + "\n" + lines.get(1).substring(0, 20));
        assertFails(evaluate(album), "line 2: expected a row of generate, found '");
        Files.writeString(rows, lines.get(0).replace("\"official\"", "null"));
        assertFails(evaluate(album), "expected scores, found none; run generate --mi");
        Files.writeString(rows, "");
        assertFails(evaluate(album), "expected pictures, found none");
    }

    @Test
    void picturesOfScenesAreGradedAndBrokenOnesTold() throws IOException {
        var scene = write(folder.resolve("scene"), "a red circle", 1);
        var file = scene.resolve("samples/" + ImageNames.of("a red circle", 0));
        assertFails(evaluate(scene), file + ": no such file");
        Files.createDirectories(file.getParent());
        Png.write(file, new RgbImage(64, 64, new byte[3 * 64 * 64]), Map.of());
        var table = evaluate(scene).ok().out().lines().toList();
        assertTrue(table.get(0).contains("scene % right"), table.get(0));
        assertTrue(table.get(2).matches("all +1 +0.0 +1.000"), table.get(2));
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 60));
        assertFails(evaluate(scene), file + ": png: ");
    }

    @Test
    void outputIsTriedBeforeTheWork() throws IOException {
        var file = Files.createFile(folder.resolve("file"));
        assertFails(evaluate(album, "--csv", folder), folder + ": expected a file to write");
        assertFails(evaluate(album, "--output", file.resolve("x")), file.toString());
        assertFails(evaluate(album, "--output", "/proc/none/x"), "/proc/none");
        var deep = folder.resolve("new/folder/all.json");
        evaluate(album, "--output", deep).ok();
        assertTrue(Files.size(deep) > 0);
        Object[] drawn = {"--model", "none", "--prompt", "a", "--output", folder};
        assertFails(run(drawn), folder + ": expected a file to write");
    }

    @Test
    void theModelIsRequiredWithoutAnAlbum() {
        var line = run("--prompt", "a").failedInOneLine();
        assertTrue(line.contains("--model"), line);
        assertFalse(run("--help").ok().out().isEmpty());
    }

    private void assertJoinFails(Path file, String text, String found) throws IOException {
        Files.writeString(file, text);
        assertFails(evaluate(album, "--join-blip-vqa", file), found);
    }

    private void assertCsvFails(Path file, String text, String found) throws IOException {
        Files.writeString(file, text);
        assertFails(evaluate(album, "--join-hps", file), found);
    }

    private static void assertFails(Result result, String found) {
        var line = result.failedInOneLine();
        assertTrue(line.contains(found) && !line.contains("this is a bug"), line);
    }

    private static Result evaluate(Path album, Object... more) {
        var args = new ArrayList<Object>(List.of("--album", album));
        args.addAll(List.of(more));
        return run(args.toArray());
    }

    private static Result run(Object... more) {
        var args = new ArrayList<Object>(List.of("evaluate"));
        args.addAll(List.of(more));
        return CommandLineRunner.run(args.toArray());
    }

    private Path album(String name, double... mi) throws IOException {
        return write(folder.resolve(name), PROMPTS[0], mi);
    }

    /** Rows as generate writes them; pictures of no scene are not opened. */
    private static Path write(Path album, String first, double... mi) throws IOException {
        Files.createDirectories(album);
        var lines = new ArrayList<String>();
        for (var i = 0; i < mi.length; i++) {
            var prompt = i < 3 ? first : DOG;
            var row = new ObjectMapper().createObjectNode();
            row.put("index", i).put("prompt_index", i / 3).put("prompt", prompt);
            row.put("category", i < 3 ? "color" : "complex").put("mi", mi[i]);
            row.put("mi_estimator", "official");
            row.put("file_name", "samples/" + ImageNames.of(prompt, i));
            lines.add(row.toString());
        }
        Files.write(album.resolve("metadata.jsonl"), lines);
        return album;
    }
}
