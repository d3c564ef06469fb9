package io.mitune.producers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.serde.AvroSerde;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class BatchTest {
    private static final List<Prompt> PROMPTS = prompts("a red cube", "a blue ball", "a red cube");

    @Test
    void theSameTextAtTwoPlacesIsTwoPrompts() {
        var requests = requests(PROMPTS, settings(12, 1), 4);
        assertEquals(3, requests.stream().map(PromptRequest::getPromptId).distinct().count());
        assertEquals(List.of(0, 1, 2), requests.stream().map(PromptRequest::getPosition).toList());
        assertEquals(List.of(3, 3, 3), requests.stream().map(PromptRequest::getRoundSize).toList());
        assertEquals(Identity.promptId("b", 2, "a red cube"), requests.get(2).getPromptId());
        assertEquals(4, requests.get(0).getRound());
    }

    @Test
    void theNameFollowsFromTheRunAndTheTextsInOrder() {
        var name = Batch.name(PROMPTS, settings(12, 1));
        assertEquals(16, name.length());
        assertEquals(name, Batch.name(PROMPTS, settings(50, 2)));
        assertNotEquals(name, Batch.name(PROMPTS.subList(0, 2), settings(12, 1)));
        assertNotEquals(
                name,
                Batch.name(prompts("a blue ball", "a red cube", "a red cube"), settings(9, 1)));
        // frozen: a new rule would publish old files again
        assertEquals("7e18f737311b2dc3", Batch.nameWithoutRun(prompts("a", "b")));
        assertEquals("c23a1461b78ec1d9", Batch.name(prompts("a", "b"), settings(1, 1)));
        assertNotEquals(name, Batch.name(PROMPTS, PublishIT.inRun("other", Optional.empty())));
    }

    @Test
    void aSettingOutOfBoundsNamesItself() {
        var e =
                assertThrows(
                        PublishException.class, () -> requests(PROMPTS, settings(10_001, 1), 1));
        assertEquals("candidates: expected 1 to 10000, found 10001", e.getMessage());
    }

    @Test
    void settingsAreComparedWithoutTheTime() {
        var a = requests(PROMPTS, settings(12, 1), 1).get(0);
        var later = requests(PROMPTS, settings(12, 1), 1).get(0);
        assertTrue(Batch.sameSettings(a, later));
        assertFalse(Batch.sameSettings(a, requests(PROMPTS, settings(12, 2), 1).get(0)));
        assertFalse(Batch.sameSettings(a, requests(prompts("a"), settings(12, 1), 1).get(0)));
        AvroSerde.trustOwnRecords();
        var urgent = PromptRequest.newBuilder(a).setPriority(5).build();
        assertFalse(Batch.sameSettings(a, urgent));
        assertTrue(Batch.settingsOf(urgent).startsWith("3 prompts, priority 5,"));
    }

    @Test
    void roundsFollowFromTheHistory() {
        var history = new RunHistory();
        var settings = requests(PROMPTS, settings(12, 1), 1).get(0);
        assertEquals(1, RoundNumbers.roundFor(history, "b", settings, OptionalInt.empty()));
        requests(PROMPTS, settings(12, 1), 3).forEach(history::add);
        assertEquals(3, RoundNumbers.roundFor(history, "b", settings, OptionalInt.empty()));
        assertEquals(4, RoundNumbers.roundFor(history, "other", settings, OptionalInt.empty()));
        assertEquals(9, RoundNumbers.roundFor(history, "b", settings, OptionalInt.of(9)));
        assertEquals(3, history.idsOf("b", 3).size());
        var e =
                assertThrows(
                        PublishException.class,
                        () -> RoundNumbers.roundFor(history, "other", settings, OptionalInt.of(3)));
        assertEquals(
                "round 3: expected an unused round, found batch b in it; the next one is 4",
                e.getMessage());
    }

    private static List<PromptRequest> requests(
            List<Prompt> prompts, PublishSettings settings, int round) {
        return Batch.requests(prompts, settings, "b", round, Instant.now());
    }

    private static List<Prompt> prompts(String... texts) {
        return PromptSource.create().arguments(List.of(texts)).accepted();
    }

    static PublishSettings settings(int candidates, int keep) {
        return settings(candidates, keep, 7);
    }

    static PublishSettings settings(int candidates, int keep, long seed) {
        var sampling =
                SamplingSettings.newBuilder()
                        .setScheduler("ddpm")
                        .setNumInferenceSteps(50)
                        .setGuidanceScale(2)
                        .build();
        return new PublishSettings(
                "main",
                Optional.empty(),
                OptionalInt.empty(),
                seed,
                candidates,
                keep,
                "",
                sampling,
                "");
    }
}
