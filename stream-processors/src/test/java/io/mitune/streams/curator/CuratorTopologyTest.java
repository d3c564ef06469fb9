package io.mitune.streams.curator;

import static io.mitune.streams.Samples.failed;
import static io.mitune.streams.Samples.prompt;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.PromptRequest;
import io.mitune.streams.Samples;
import io.mitune.streams.TopologyHarness;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CuratorTopologyTest {
    private static final Duration DEADLINE = Duration.ofMinutes(10);
    private static final Duration LONGEST = DEADLINE.multipliedBy(Deadlines.LONGEST_WAIT);
    private static final CurationConfig CONFIG =
            new CurationConfig(
                    List.of(CurationPolicy.MI_MAX, CurationPolicy.RANDOM),
                    DEADLINE,
                    Duration.ofHours(5));
    private static final PromptRequest PROMPT = prompt(0, 1, 4, 2).build();

    @TempDir Path dir;
    private TopologyHarness harness;

    @BeforeEach
    void start() {
        harness = new TopologyHarness(dir, c -> CuratorTopology.role(c, CONFIG));
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void closesWhenAllCandidatesAreIn() {
        send(PROMPT);
        for (int i = 0; i < 3; i++) {
            send(candidate(i, i));
            assertTrue(curated().isEmpty());
        }
        send(candidate(3, 1.5));
        var samples = curated();
        assertEquals(List.of(2, 3), indexes(samples, "main"));
        assertEquals(2, indexes(samples, "main-random").size());
        assertEquals("best of 4 by mi", samples.get(0).getReason());
        assertTrue(samples.get(0).getComplete());
    }

    @Test
    void repeatedCandidatesCountOnce() {
        for (int i : new int[] {0, 0, 1, 1, 2, 2, 0}) {
            send(candidate(i, i));
        }
        assertTrue(curated().isEmpty());
        send(candidate(3, -1));
        assertEquals(List.of(2, 1), indexes(curated(), "main"));
    }

    @Test
    void failedAndUnscoredCandidatesCountButAreNeverKept() {
        send(failed(PROMPT, 0));
        send(candidate(1, Double.NaN));
        send(candidate(2, Double.POSITIVE_INFINITY));
        send(candidate(3, 0.5));
        var samples = curated();
        assertEquals(List.of(3), indexes(samples, "main"));
        assertEquals(3, samples.get(0).getCandidatesFailed());
        assertEquals(1, samples.get(0).getKept());
    }

    @Test
    void aRetryThatWorkedReplacesAFailure() {
        send(failed(PROMPT, 0));
        send(candidate(0, 9));
        send(failed(PROMPT, 0));
        for (int i = 1; i < 4; i++) {
            send(candidate(i, i));
        }
        assertEquals(List.of(0, 3), indexes(curated(), "main"));
    }

    @Test
    void theDeadlineClosesWithWhatIsThere() {
        send(PROMPT);
        release(PROMPT);
        harness.advance(Duration.ofMinutes(5));
        send(candidate(2, 1));
        harness.advance(Duration.ofMinutes(9));
        assertTrue(curated().isEmpty());
        harness.advance(Duration.ofMinutes(2));
        var samples = curated();
        assertEquals(List.of(2), indexes(samples, "main"));
        assertFalse(samples.get(0).getComplete());
    }

    @Test
    void aPromptWithoutAnyCandidateIsClosedToo() {
        send(PROMPT);
        release(PROMPT);
        harness.advance(LONGEST.minusSeconds(2));
        assertTrue(curated().isEmpty());
        harness.advance(Duration.ofSeconds(4));
        var samples = curated();
        assertEquals(2, samples.size());
        assertEquals(0, samples.get(0).getKept());
        assertEquals("no candidate before the deadline", samples.get(0).getReason());
    }

    @Test
    void daysWithoutWorkersCloseNothing() {
        var prompts = released(4);
        harness.advance(DEADLINE.multipliedBy(5));
        assertTrue(curated().isEmpty());
        send(Samples.candidate(prompts.get(0), 0, 1).build());
        harness.advance(DEADLINE.minusSeconds(1));
        assertTrue(curated().isEmpty(), "time counts from when workers came back");
        prompts.forEach(this::draw);
        var samples = curated();
        assertEquals(8, samples.size());
        assertTrue(samples.stream().allMatch(CuratedSample::getComplete));
    }

    @Test
    void whenWorkersDieHalfWayOnlyWhatTheyMayHaveHadIsClosed() {
        var prompts = released(4);
        draw(prompts.get(0));
        assertEquals(2, curated().size());
        for (int i = 0; i < 6; i++) {
            harness.advance(DEADLINE);
        }
        var lost = curated();
        assertEquals(2, lost.size());
        assertEquals(prompts.get(1).getPromptId(), lost.get(0).getPromptId());
        draw(prompts.get(2));
        draw(prompts.get(3));
        assertTrue(curated().stream().allMatch(CuratedSample::getComplete));
        assertEquals(0, harness.entries(CuratorTopology.RUNNING));
    }

    @Test
    void oneThatWorkersLostIsClosedAtItsDeadline() {
        var prompts = released(4);
        draw(prompts.get(1));
        draw(prompts.get(2));
        assertEquals(4, curated().size());
        harness.advance(DEADLINE.minusSeconds(1));
        assertTrue(curated().isEmpty());
        harness.advance(Duration.ofSeconds(1));
        var lost = curated();
        assertEquals(2, lost.size());
        assertEquals(prompts.get(0).getPromptId(), lost.get(0).getPromptId());
        assertEquals("no candidate before the deadline", lost.get(0).getReason());
        assertEquals(1, harness.entries(CuratorTopology.RUNNING), "nobody got to the last one");
    }

    private List<PromptRequest> released(int n) {
        var prompts = IntStream.range(0, n).mapToObj(i -> prompt(i, 1, 2, 1).build()).toList();
        prompts.forEach(this::send);
        prompts.forEach(this::release);
        return prompts;
    }

    private void draw(PromptRequest p) {
        send(Samples.candidate(p, 0, 1).build());
        send(Samples.candidate(p, 1, 2).build());
    }

    @Test
    void aPromptThatWaitsForItsTurnHasNoDeadline() {
        send(PROMPT);
        harness.advance(DEADLINE.multipliedBy(6));
        assertTrue(curated().isEmpty());
        release(PROMPT);
        harness.advance(LONGEST.minusSeconds(1));
        release(PROMPT); // said again, it starts nothing anew
        assertTrue(curated().isEmpty());
        harness.advance(Duration.ofSeconds(1));
        assertEquals(2, curated().size());
        assertEquals(0, harness.entries(CuratorTopology.RUNNING));
        release(PROMPT);
        assertEquals(0, harness.entries(CuratorTopology.RUNNING), "closed is closed");
    }

    @Test
    void aReleaseOfNoPromptIsForgottenAndABadOneIsADeadLetter() {
        release(PROMPT);
        harness.advance(LONGEST.plusSeconds(2));
        assertTrue(curated().isEmpty());
        assertEquals(0, harness.entries(CuratorTopology.RUNNING));
        harness.send(harness.topics().releases(), "other", Samples.released(PROMPT));
        assertTrue(harness.deadLetters().get(0).contains("release: key: expected the promptId"));
    }

    @Test
    void lateCandidatesAreCountedAndReopenNothing() {
        for (int i = 0; i < 4; i++) {
            send(candidate(i, i));
        }
        curated();
        send(candidate(0, 99));
        send(PROMPT);
        harness.advance(DEADLINE.plusSeconds(2));
        assertTrue(curated().isEmpty());
        assertEquals(1, harness.metric("late-candidates-total"));
    }

    @Test
    void openAndClosedPromptsAreMeasured() {
        send(PROMPT);
        send(PROMPT);
        send(prompt(1, 1, 4, 2).build());
        assertEquals(2, harness.metric("open-prompts"));
        for (int i = 0; i < 4; i++) {
            send(candidate(i, i));
        }
        assertEquals(1, harness.metric("open-prompts"));
        assertEquals(1, harness.metric("closed-prompts-total"));
        release(prompt(1, 1, 4, 2).build());
        harness.advance(LONGEST.plusSeconds(2));
        assertEquals(0, harness.metric("open-prompts"));
        assertEquals(2, harness.metric("closed-prompts-total"));
    }

    @Test
    void nothingIsLeftOfAClosedPromptButTheMarkAndAtLastNotThat() {
        send(PROMPT);
        for (int i = 0; i < 4; i++) {
            send(candidate(i, i));
        }
        assertEquals(0, harness.entries(CuratorTopology.BOARDS));
        assertEquals(0, harness.entries(CuratorTopology.REQUESTS));
        assertEquals(0, harness.entries(CuratorTopology.CANDIDATES));
        assertEquals(1, harness.entries(CuratorTopology.CLOSED));
        harness.advance(Duration.ofHours(6));
        assertEquals(0, harness.entries(CuratorTopology.CLOSED));
    }

    @Test
    void aLetterSentAgainAtTheEndOfItsTimeCuratesNothingTwice() throws IOException {
        harness.close();
        harness =
                new TopologyHarness(
                        dir.resolve("kept"), c -> CuratorTopology.role(c, CurationConfig.DEFAULT));
        send(PROMPT);
        for (int i = 0; i < 4; i++) {
            send(candidate(i, i));
        }
        assertEquals(2, curated().size());
        harness.advance(DeadLetters.KEPT.minusDays(1));
        send(candidate(0, 99));
        harness.advance(CurationConfig.DEFAULT.deadline().multipliedBy(20));
        assertEquals(List.of(), curated());
        assertEquals(0, harness.entries(CuratorTopology.CLOSED));
    }

    @Test
    void runsAndRoundsHaveBoardsOfTheirOwn() {
        var other = prompt(0, 1, 2, 1).setRun("other").build();
        var second = prompt(0, 2, 2, 1).build();
        for (var p : List.of(prompt(0, 1, 2, 1).build(), other, second)) {
            send(Samples.candidate(p, 0, 1).build());
        }
        assertTrue(curated().isEmpty());
        send(Samples.candidate(other, 1, 2).build());
        var samples = curated();
        assertEquals(List.of(1), indexes(samples, "other"));
        assertEquals(2, samples.size());
    }

    @Test
    void candidatesThatMakeNoSenseGoToTheDeadLetters() {
        send(candidate(0, 1));
        send(Samples.candidate(PROMPT, 1, 1).setIndex(4).build());
        send(Samples.candidate(PROMPT, 1, 1).setCandidates(5).build());
        send(Samples.candidate(PROMPT, 1, 1).setCandidateId("x").build());
        send(Samples.candidate(PROMPT, 1, 1).setRun("../etc").build());
        harness.send(harness.topics().candidates(), "other key", candidate(1, 1));
        harness.sendRaw(harness.topics().candidates(), "p", new byte[] {0, 0, 0, 0, 99, 1});
        var reasons = harness.deadLetters();
        assertEquals(6, reasons.size());
        assertEquals(
                "mitune.candidates: candidate: index: expected 0 to 3, found 4", reasons.get(0));
        assertTrue(reasons.get(1).contains("expected 4 as in the first record"), reasons.get(1));
        assertTrue(reasons.get(2).contains("candidateId: expected"), reasons.get(2));
        assertTrue(reasons.get(3).contains("found '../etc'"), reasons.get(3));
        assertTrue(reasons.get(4).contains("key: expected the promptId"), reasons.get(4));
        for (int i = 1; i < 4; i++) {
            send(candidate(i, i));
        }
        assertEquals(List.of(3, 2), indexes(curated(), "main"));
    }

    @Test
    void badPromptsAreLeftToThePlanner() {
        send(prompt(0, 1, 4, 9).build());
        harness.sendRaw(harness.topics().prompts(), "p", new byte[] {7});
        harness.advance(DEADLINE.plusSeconds(2));
        assertTrue(curated().isEmpty());
        assertEquals(List.of(), harness.deadLetters());
    }

    @Test
    void theTopologyIsTheOneThatRuns() throws IOException {
        assertEquals(TopologyHarness.golden("curator"), harness.description());
    }

    private void release(PromptRequest p) {
        harness.send(harness.topics().releases(), p.getPromptId(), Samples.released(p));
    }

    private void send(PromptRequest request) {
        harness.send(harness.topics().prompts(), request.getPromptId(), request);
    }

    private void send(Candidate candidate) {
        harness.send(harness.topics().candidates(), candidate.getPromptId(), candidate);
    }

    private static Candidate candidate(int index, double mi) {
        return Samples.candidate(PROMPT, index, mi).build();
    }

    private List<CuratedSample> curated() {
        return harness.read(harness.topics().curated());
    }

    private static List<Integer> indexes(List<CuratedSample> samples, String run) {
        return samples.stream()
                .filter(s -> s.getRun().equals(run))
                .map(CuratedSample::getIndex)
                .toList();
    }
}
