package io.mitune.workers.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.workers.training.Round.Arrival;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class RoundTest {
    private static final int SIZE = 3;

    @Test
    void isCompleteWhenAllPromptsHaveAllTheirSamples() {
        var round = new Round();
        assertFalse(round.isComplete());
        round.offer(sample("b", 0, 2, 5));
        round.offer(sample("a", 0, 1, 6));
        round.offer(sample("c", 0, 0, 7));
        assertEquals(2, round.promptsSeen());
        assertEquals(SIZE, round.promptsExpected());
        assertFalse(round.isComplete());
        round.offer(sample("b", 1, 2, 8));
        assertTrue(round.isComplete());
        assertEquals(List.of("a/1/10", "b/1/10", "b/1/11"), ids(round.samples()));
    }

    @Test
    void anyOrderAndAnyRepetitionGiveTheSameSamples() {
        var records = new ArrayList<Arrival>();
        for (var prompt : List.of("p", "q", "r")) {
            for (int rank = 0; rank < 3; rank++) {
                records.add(sample(prompt, rank, 3, records.size()));
            }
        }
        records.addAll(List.copyOf(records));
        List<String> expected = List.of();
        for (int seed = 0; seed < 200; seed++) {
            Collections.shuffle(records, new Random(seed));
            var round = new Round();
            records.forEach(round::offer);
            assertTrue(round.isComplete());
            var found = ids(round.samples());
            expected = expected.isEmpty() ? found : expected;
            assertEquals(expected, found, "seed " + seed);
        }
        assertEquals(9, expected.size());
    }

    @Test
    void aPromptThatIsCuratedAnewWithAnotherNumberChangesNothing() {
        var round = new Round();
        round.offer(sample("a", 0, 1, 0));
        round.offer(sample("a", 0, 3, 1));
        round.offer(sample("a", 1, 3, 2));
        assertEquals(List.of("a/1/10"), ids(round.samples()));
        assertEquals(0, round.samples().get(0).raw().offset());
    }

    @Test
    void selectsByIdInTheOrderAskedForOnceAllAreThere() {
        var round = new Round();
        round.offer(sample("a", 0, 2, 0));
        assertEquals(Optional.empty(), round.select(List.of("a/1/11", "a/1/10")));
        round.offer(sample("a", 1, 2, 1));
        var selected = round.select(List.of("a/1/11", "a/1/10")).orElseThrow();
        assertEquals(List.of("a/1/11", "a/1/10"), ids(selected));
    }

    @Test
    void impossibleRecordsAreRefusedByName() {
        var round = new Round();
        for (var bad :
                List.of(sample("a", 1, 1, 0), sample("a", -1, 1, 0), sample("a", 0, -1, 0))) {
            var error = assertThrows(IllegalArgumentException.class, () -> round.offer(bad));
            assertTrue(error.getMessage().contains("0 <= rank < kept"), error.getMessage());
        }
        assertEquals(0, round.promptsSeen());
    }

    @Test
    void knowsItsFirstOffset() {
        var round = new Round();
        assertEquals(Optional.empty(), round.firstOffset(0));
        round.offer(sample("a", 0, 1, 9));
        round.offer(sample("b", 0, 1, 4));
        assertEquals(Optional.of(4L), round.firstOffset(0));
        assertEquals(Optional.empty(), round.firstOffset(1));
    }

    private static List<String> ids(List<Arrival> arrivals) {
        return arrivals.stream().map(a -> a.sample().getCandidateId()).toList();
    }

    private static Arrival sample(String prompt, int rank, int kept, long offset) {
        var sample =
                CuratedSample.newBuilder(TrainerFixture.nothingKept(1, 0, "model"))
                        .setPromptId(prompt)
                        .setRoundSize(SIZE)
                        .setRank(rank)
                        .setKept(kept)
                        .setCandidateId(
                                kept == 0 ? null : Identity.candidateId(prompt, 1, 10 + rank))
                        .build();
        return new Arrival(
                sample, new ConsumerRecord<>("curated", 0, offset, new byte[0], new byte[0]));
    }
}
