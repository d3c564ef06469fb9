package io.mitune.app.dashboard.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.SamplingSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchesTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final int PROMPTS = 4;
    private static final int EACH = 3;

    private final DashboardState state = new DashboardState(List.of("prompts"));

    @Test
    void aBatchIsFollowedFromPublicationToTheLastPrompt() {
        assertEquals(Optional.empty(), state.batch("b", NOW));
        for (int p = 0; p < PROMPTS; p++) {
            ask("r", p);
        }
        assertEquals("waiting", round("b").get("state").asText());
        assertCounts(4, 0, 0, 0, 0);
        assertTrue(round("b").get("etaSeconds").isNull());

        handOut("r", 0, NOW);
        draw("r", 0, 0, NOW + 1000, false);
        draw("r", 0, 1, NOW + 2000, true);
        assertEquals("drawing", round("b").get("state").asText());
        assertCounts(4, 1, 2, 1, 0);
        var later = state.batch("b", NOW + 10_000).orElseThrow().get(0);
        assertEquals(0.2, later.get("perSecond").asDouble(), 1e-9, "2 in the 10 s since the task");
        assertEquals(50, later.get("etaSeconds").asDouble(), 1e-9);

        for (int p = 0; p < PROMPTS; p++) {
            for (int c = 0; c < EACH; c++) {
                draw("r", p, c, NOW + 3000, false);
            }
        }
        assertEquals("drawn", round("b").get("state").asText());
        for (int p = 0; p < PROMPTS; p++) {
            close("r", p, p == 0 ? 0 : 1);
        }
        assertEquals("done", round("b").get("state").asText());
        assertCounts(4, 4, 12, 1, 3);
        assertEquals(1, round("b").at("/prompts/nothingKept").asInt());
        assertTrue(round("b").get("etaSeconds").isNull());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void orderAndRepetitionsMakeNoDifference(long seed) {
        var events = new ArrayList<Runnable>();
        for (int p = 0; p < PROMPTS; p++) {
            int prompt = p;
            events.add(() -> ask("r", prompt));
            events.add(() -> handOut("r", prompt, NOW));
            events.add(() -> close("r", prompt, 1));
            for (int c = 0; c < EACH; c++) {
                int candidate = c;
                events.add(() -> draw("r", prompt, candidate, NOW, candidate == 0));
            }
        }
        events.addAll(List.copyOf(events));
        Collections.shuffle(events, new Random(seed));
        events.forEach(Runnable::run);
        assertCounts(4, 4, 12, 4, 4);
        assertEquals("done", round("b").get("state").asText());
    }

    @Test
    void runsWithTheSamePromptsAreToldApart() {
        for (var run : List.of("r", "s")) {
            ask(run, 0);
            draw(run, 0, 0, NOW, false);
        }
        draw("s", 0, 1, NOW, false);
        close("r-random", 0, 1); // picked blindly for a run that nobody publishes into
        var rounds = state.batch("b", NOW).orElseThrow();
        assertEquals(List.of("s", "r"), rounds.findValuesAsText("run"));
        assertEquals(2, rounds.get(0).at("/candidates/arrived").asInt());
        assertEquals(1, rounds.get(1).at("/candidates/arrived").asInt());
        assertEquals(2, state.snapshot(NOW).get("batches").size());
    }

    /** As after a restart, when each topic is read from its beginning, one after the other. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLargeBatchIsCountedInWhateverOrderItsTopicsAreRead(boolean samplesFirst) {
        int prompts = 30_000;
        Runnable asked =
                () -> each(prompts, p -> state.add(request("r", "b", 1, prompts, p), place(NOW)));
        Runnable handedOut = () -> each(prompts, p -> handOut("r", p, NOW));
        Runnable drawn = () -> each(prompts, p -> draw("r", p, 0, NOW, false));
        Runnable closed = () -> each(prompts - 1, p -> close("r", p, p % 2));
        var topics = new ArrayList<>(List.of(asked, handedOut, drawn, closed, closed));
        if (samplesFirst) {
            Collections.reverse(topics);
        }
        topics.forEach(Runnable::run);
        var round = round("b");
        assertEquals(prompts, round.at("/prompts/handedOut").asInt());
        assertEquals(prompts, round.at("/candidates/arrived").asInt());
        assertEquals(prompts / 2, round.at("/prompts/nothingKept").asInt());
        assertEquals(prompts / 2 - 1, round.at("/prompts/curated").asInt());
        assertEquals("drawing", round.get("state").asText());
    }

    private static void each(int prompts, IntConsumer action) {
        IntStream.range(0, prompts).forEach(action);
    }

    @Test
    void memoryAndAnswersStayBounded() {
        for (int i = 0; i < 3000; i++) {
            state.add(request("r", "b" + i, i + 1, 0), place(NOW));
        }
        assertEquals(Optional.empty(), state.batch("b0", NOW));
        assertTrue(state.batch("b2999", NOW).isPresent());
        assertEquals(12, state.snapshot(NOW).get("batches").size());
        for (int i = 0; i < 300; i++) {
            state.add(request("r", "same", i + 1, 0), place(NOW));
        }
        assertEquals(100, state.batch("same", NOW).orElseThrow().size());
    }

    private void assertCounts(int published, int handedOut, int arrived, int failed, int curated) {
        var round = round("b");
        assertEquals(PROMPTS, round.at("/prompts/all").asInt());
        assertEquals(PROMPTS * EACH, round.at("/candidates/requested").asInt());
        assertEquals(
                List.of(published, handedOut, arrived, failed, curated),
                List.of(
                        round.at("/prompts/published").asInt(),
                        round.at("/prompts/handedOut").asInt(),
                        round.at("/candidates/arrived").asInt(),
                        round.at("/candidates/failed").asInt(),
                        round.at("/prompts/curated").asInt()));
    }

    private JsonNode round(String batch) {
        return state.batch(batch, NOW + 60_000).orElseThrow().get(0);
    }

    private void ask(String run, int prompt) {
        state.add(request(run, "b", 1, prompt), place(NOW));
    }

    private void handOut(String run, int prompt, long at) {
        var task =
                GenerationTask.newBuilder()
                        .setTaskId(id("b", prompt) + "/1/0")
                        .setPromptId(id("b", prompt))
                        .setRun(run)
                        .setRound(1)
                        .setRoundSize(PROMPTS)
                        .setBatch("b")
                        .setText("text")
                        .setSeed(1)
                        .setFirstIndex(0)
                        .setCount(EACH)
                        .setMicroBatch(1)
                        .setCandidates(EACH)
                        .setKeep(1)
                        .setSampling(sampling())
                        .setAdapterVersion(0)
                        .build();
        state.add(task, place(at));
    }

    private void draw(String run, int prompt, int index, long at, boolean failed) {
        var candidate =
                Candidate.newBuilder()
                        .setCandidateId(Identity.candidateId(id("b", prompt), 1, index))
                        .setPromptId(id("b", prompt))
                        .setRun(run)
                        .setRound(1)
                        .setRoundSize(PROMPTS)
                        .setBatch("b")
                        .setText("text")
                        .setIndex(index)
                        .setSeed(index)
                        .setCandidates(EACH)
                        .setKeep(1)
                        .setSampling(sampling())
                        .setMi(failed ? Double.NaN : 5)
                        .setTimesteps(List.of())
                        .setMiTerms(List.of())
                        .setMiWeights(List.of())
                        .setAdapterVersion(0)
                        .setModelDigest("digest")
                        .setWorker("worker")
                        .setSeconds(1)
                        .setCreatedAt(Instant.ofEpochMilli(at))
                        .build();
        state.add(candidate, place(at));
    }

    private void close(String run, int prompt, int kept) {
        var sample =
                CuratedSample.newBuilder()
                        .setPromptId(id("b", prompt))
                        .setRun(run)
                        .setRound(1)
                        .setRoundSize(PROMPTS)
                        .setBatch("b")
                        .setText("text")
                        .setRank(0)
                        .setKept(kept)
                        .setIndex(kept - 1)
                        .setSeed(0)
                        .setMi(5)
                        .setMargin(0)
                        .setScoreMean(5)
                        .setScoreStd(0)
                        .setScoreMin(5)
                        .setScoreMax(5)
                        .setCandidatesRequested(EACH)
                        .setCandidatesSeen(EACH)
                        .setCandidatesFailed(0)
                        .setComplete(true)
                        .setPolicy("mi-max")
                        .setPolicyVersion(1)
                        .setReason("best")
                        .setAdapterVersion(0)
                        .setModelDigest("digest")
                        .build();
        state.add(sample, place(NOW));
    }

    private static PromptRequest request(String run, String batch, int round, int position) {
        return request(run, batch, round, PROMPTS, position);
    }

    private static PromptRequest request(
            String run, String batch, int round, int size, int position) {
        return PromptRequest.newBuilder()
                .setPromptId(id(batch, position))
                .setRun(run)
                .setRound(round)
                .setRoundSize(size)
                .setBatch(batch)
                .setText("text")
                .setPosition(position)
                .setSeed(1)
                .setCandidates(EACH)
                .setKeep(1)
                .setSampling(sampling())
                .setRequestedAt(Instant.ofEpochMilli(NOW))
                .build();
    }

    private static String id(String batch, int position) {
        return Identity.promptId(batch, position, "text");
    }

    private static SamplingSettings sampling() {
        return SamplingSettings.newBuilder()
                .setScheduler("ddim")
                .setNumInferenceSteps(2)
                .setGuidanceScale(2)
                .build();
    }

    private static LogPlace place(long at) {
        return new LogPlace(0, 0, at);
    }
}
