package io.mitune.app.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.web.WebException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What a body may say, and how each fault is named. */
class PublishBodyTest {
    @Test
    void onePromptWithTheDefaultsOfTheCommand() {
        var body = PublishBody.of(json("{\"text\":\" a red cube \",\"category\":\"color\"}"));
        var prompt = body.prompts().accepted().get(0);
        assertEquals("a red cube", prompt.text());
        assertEquals("color", prompt.category());
        var settings = body.settings();
        assertEquals("default", settings.run());
        assertEquals(50, settings.candidates());
        assertEquals(42, settings.seed());
        assertEquals(7.5, settings.sampling().getGuidanceScale());
        assertTrue(settings.round().isEmpty());
    }

    @Test
    void aBatchWithEverything() {
        var body =
                PublishBody.of(
                        json(
                                """
                                {"prompts":[{"text":"a"},{"text":"b","category":"c"}],"run":"r",
                                 "batch":"mine","round":3,"seed":-9223372036854775808,
                                 "candidates":4,"keep":4,"negativePrompt":"blurry","priority":-2,
                                 "model":"ab12","sampling":{"scheduler":"ddim",
                                 "numInferenceSteps":20,"guidanceScale":2,"width":64,"height":64}}
                                """));
        assertEquals(2, body.prompts().accepted().size());
        assertEquals(Long.MIN_VALUE, body.settings().seed());
        assertEquals(3, body.settings().round().getAsInt());
        assertEquals("ddim", body.settings().sampling().getScheduler());
        assertEquals("key-1", body.named("key-1").settings().batch().orElse(""));
    }

    @Test
    void allFaultsAtOnceWithPointers() {
        faults("[]", "body: expected an object");
        faults("{}", "/prompts: expected either text or prompts, found neither");
        faults("{\"text\":\"a\",\"prompts\":[]}", "/prompts: expected either text or prompts");
        faults("{\"prompts\":[]}", "/prompts: expected a list of 1 to 10000, found 0 prompts");
        faults("{\"text\":3}", "/text: expected a text, found 3");
        faults("{\"text\":\"a\\u0007\"}", "/text: expected printable text");
        faults(
                """
                {"prompts":[{"text":"a"},{"text":""},{"txt":"b"},7],"keep":9,"candidates":5,
                 "seed":1.5,"run":"a b","sampling":{"guidanceScale":"x","steps":3},
                 "priority":99999999999999999999}
                """,
                "/prompts/1/text: expected a text, found none",
                "/prompts/2/txt: expected one of category, text, found an unknown field",
                "/prompts/3: expected an object, found 7",
                "/keep: expected a whole number from 1 to 5, found 9",
                "/seed: expected a whole number of 64 bits, found 1.5",
                "/run: expected 1 to 100 letters",
                "/sampling/guidanceScale: expected a number, found \"x\"",
                "/sampling/steps: expected one of guidanceScale, height, numInferenceSteps",
                "/priority: expected a whole number from -1000 to 1000");
    }

    private static void faults(String body, String... expected) {
        var e = assertThrows(WebException.class, () -> PublishBody.of(json(body)), body);
        for (var line : expected) {
            assertTrue(e.getMessage().contains(line), line + " in " + e.getMessage());
        }
    }

    @Test
    void keysNameBatches() {
        var one = IdempotencyKey.of("k", json("{\"text\":\"a\",\"seed\":1}"));
        var same = IdempotencyKey.of("k", json("{ \"seed\":1, \"text\":\"a\" }"));
        var other = IdempotencyKey.of("k", json("{\"text\":\"b\",\"seed\":1}"));
        assertEquals(one, same);
        assertEquals(one.prefix(), other.prefix());
        assertNotEquals(one.batch(), other.batch());
        assertNotEquals(one.prefix(), IdempotencyKey.of("l", json("{}")).prefix());
        assertThrows(WebException.class, () -> IdempotencyKey.of("a\nb", json("{}")));
        assertThrows(
                WebException.class, () -> IdempotencyKey.of("k", json("{\"batch\":\"mine\"}")));
    }

    @Property(tries = 500)
    void anyJsonIsTakenOrRefused(@ForAll("bodies") String body) {
        try {
            PublishBody.of(json(body));
        } catch (WebException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
    }

    @Provide
    Arbitrary<String> bodies() {
        var values =
                Arbitraries.of(
                        "null",
                        "3",
                        "-1e99",
                        "true",
                        "\"x\"",
                        "[]",
                        "{}",
                        "[{\"text\":\"a\"}]",
                        "{\"text\":null}",
                        "\"\\ud800\"",
                        "99999999999999999999999");
        var names =
                Arbitraries.of(
                        "text",
                        "prompts",
                        "category",
                        "run",
                        "batch",
                        "round",
                        "seed",
                        "keep",
                        "candidates",
                        "sampling",
                        "model",
                        "negativePrompt",
                        "priority",
                        "a\\nb/~");
        return Arbitraries.maps(names, values)
                .ofMaxSize(8)
                .map(
                        map ->
                                map.entrySet().stream()
                                        .map(e -> '"' + e.getKey() + "\":" + e.getValue())
                                        .toList())
                .map(List::toString)
                .map(list -> "{" + list.substring(1, list.length() - 1) + "}");
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }
}
