package io.mitune.app.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.cli.UserError;
import io.mitune.app.evaluate.JoinedAlbum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where questions come from: folders of methods, and albums with scores. */
class QuestionSourcesTest {
    @TempDir private Path folder;

    @Test
    void eachMetricShowsThePictureThatItRanksBest() throws IOException {
        var album = SurveyAlbums.write(folder.resolve("many"), "", 0, 1, 2, 2, 1, 3, 3, 4, 5);
        Files.createDirectories(album.resolve("annotation_blip"));
        Files.writeString(
                album.resolve("annotation_blip/vqa_result.json"),
                """
                [{"question_id": 0, "answer": "0.9"}, {"question_id": 1, "answer": "0.1"},
                 {"question_id": 2, "answer": "0.9"}, {"question_id": 3, "answer": "0.1"},
                 {"question_id": 4, "answer": "0.5"}, {"question_id": 5, "answer": "0.5"},
                 {"question_id": 6, "answer": "0.1"}, {"question_id": 7, "answer": "0.2"}]
                """);
        var csv = folder.resolve("hps.csv");
        Files.writeString(csv, "index,hps\n0,1\n1,2\n2,1\n3,2\n4,1\n5,2\n");
        var joined =
                JoinedAlbum.read(album, Optional.empty(), Optional.of(csv), SurveyAlbums.nowhere());
        var questions = MetricChoices.of(List.of(joined), SurveyAlbums.nowhere());
        assertEquals(3, questions.size(), "the last prompt has no HPS");
        assertEquals(List.of("mi 2.0", "blip 1.0", "hps 2.0"), described(questions.get(0)));
        assertEquals(List.of("mi 2.0", "blip 2.0", "hps 1.0"), described(questions.get(1)));
        assertEquals(2, distinct(questions.get(0)));
        // equal scores: the first picture
        assertEquals(2, distinct(questions.get(2)), "mi and blip have the first, hps the second");
    }

    @Test
    void methodsAreJoinedByPromptAndFoldersOfOneNameAreOneMethod() throws IOException {
        var base = SurveyAlbums.write(folder.resolve("base"), "", 0, 1, 2, 3, 4);
        var plain = Files.createDirectories(folder.resolve("plain"));
        var more = Files.createDirectories(folder.resolve("more"));
        for (var name : List.of("a green dog_000007.png", "a big cube_000001.png", "other.png")) {
            Files.copy(anyPicture(base), plain.resolve(name));
        }
        Files.copy(anyPicture(base), more.resolve("a red cat_3.png"));
        var methods =
                List.of(Method.of("base=" + base), Method.of("x=" + plain), Method.of("x=" + more));
        var questions = MethodFolders.read("methods", methods, SurveyAlbums.nowhere());
        assertEquals(
                List.of("a red cat", "a green dog", "a <big> cube"),
                questions.stream().map(Question::text).toList());
        assertEquals("color", questions.get(0).category());
        var turned = List.of(methods.get(1), methods.get(2), methods.get(0));
        var again = MethodFolders.read("methods", turned, SurveyAlbums.nowhere());
        assertTrue(again.stream().anyMatch(q -> q.text().equals("a <big> cube")));
    }

    @Test
    void otherPicturesMakeAnotherQuestion() throws IOException {
        var one = SurveyAlbums.write(folder.resolve("one"), "", 0, 1, 2, 3, 4);
        var two = SurveyAlbums.write(folder.resolve("two"), "", 0, 5, 2, 3, 4);
        var other = SurveyAlbums.write(folder.resolve("other"), "", 0, 6, 2, 3, 4);
        var first = read(one, two);
        assertEquals(ids(first), ids(read(one, two)));
        var changed = read(one, other);
        assertNotEquals(first.get(0).id(), changed.get(0).id());
        assertEquals(first.get(1).id(), changed.get(1).id());
    }

    @Test
    void whatIsNoMethodIsRefused() throws IOException {
        var empty = Files.createDirectories(folder.resolve("empty"));
        for (var text : List.of("x", "a b=" + empty, "=" + empty, "x=" + empty.resolve("no"))) {
            assertThrows(UserError.class, () -> Method.of(text), text);
        }
        assertEquals("default-v3", Method.of("default@3=" + empty).name());
        var methods = List.of(Method.of("x=" + empty));
        var error =
                assertThrows(
                        UserError.class,
                        () -> MethodFolders.read("methods", methods, SurveyAlbums.nowhere()));
        assertTrue(error.getMessage().contains("files named PROMPT_000000.png"));
    }

    private static List<Question> read(Path one, Path two) {
        var methods = List.of(Method.of("one=" + one), Method.of("two=" + two));
        return MethodFolders.read("methods", methods, SurveyAlbums.nowhere());
    }

    private static List<String> ids(List<Question> questions) {
        return questions.stream().map(Question::id).toList();
    }

    private static List<String> described(Question question) {
        return question.exhibits().stream()
                .map(e -> e.method() + " " + e.mi().getAsDouble())
                .toList();
    }

    private static long distinct(Question question) {
        return question.exhibits().stream().map(Exhibit::identity).distinct().count();
    }

    private static Path anyPicture(Path album) throws IOException {
        try (var files = Files.list(album.resolve("samples"))) {
            return files.findFirst().orElseThrow();
        }
    }
}
