package io.mitune.app.dashboard.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.TrainingStep;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DashboardStateTest {
    private static final long NOW = 1_700_000_000_000L;

    private final DashboardState state = new DashboardState(List.of("prompts", "candidates"));

    @Test
    void candidatesAreRankedAndCountedOnce() {
        for (int index : new int[] {2, 0, 1, 0, 2}) {
            state.add(candidate("p", index, 3, 5 + index % 2), place(index));
        }
        var card = state.prompts(0).get("cards").get(0);
        assertEquals(3, card.get("seen").asInt());
        assertEquals("complete", card.get("state").asText());
        assertEquals(List.of(1, 0, 2), ints(card.get("candidates"), "index"));
        assertEquals(3, state.snapshot(NOW).get("scores").get("all").get("total").asInt());
        assertEquals(Optional.of(new LogRange(0, 0, 2)), state.range("default", "p", 1));
    }

    @Test
    void runsWithTheSamePromptHaveCardsOfTheirOwn() {
        for (var run : List.of("r", "s")) {
            var own = Candidate.newBuilder(candidate("p", 0, 1, 5)).setRun(run).build();
            state.add(own, place(run.equals("r") ? 0 : 9));
        }
        var blind = CuratedSample.newBuilder(sample("p", "", 5)).setRun("r-random").build();
        state.add(blind, place(10));
        assertEquals(2, state.prompts(0).get("known").asInt());
        assertEquals(List.of(1, 1), ints(state.prompts(0).get("cards"), "seen"));
        assertEquals(Optional.of(new LogRange(0, 9, 9)), state.range("s", "p", 1));
        assertTrue(state.range("", "p", 1).isPresent());
        assertEquals(2, state.snapshot(NOW).get("scores").get("all").get("total").asInt());
        assertEquals(1, state.samples("r-random", "p", 1).size());
        assertEquals(0, state.samples("r", "p", 1).size());
    }

    @Test
    void aCandidateThatIsNoNumberIsLast() {
        state.add(candidate("p", 0, 2, Double.NaN), place(0));
        state.add(candidate("p", 1, 2, -3), place(1));
        var candidates = state.prompts(0).get("cards").get(0).get("candidates");
        assertEquals(List.of(1, 0), ints(candidates, "index"));
        assertTrue(candidates.get(1).get("mi").isNull());
    }

    @Test
    void whatComesFromOutsideIsPassedOverWhenItIsOutOfRange() {
        state.add(candidate("p", -1, 2, 1), place(0));
        state.add(candidate("p", 2_000_000_000, 2, 1), place(1));
        state.add(candidate("../../etc", 0, 2, 1), place(2));
        assertEquals(0, state.prompts(0).get("known").asInt());
        var topics = state.snapshot(NOW).get("pipeline").get("topics");
        assertEquals(3, topics.get(1).get("unreadable").asInt());
    }

    @Test
    void onlySectionsThatChangedAreSentAgain() {
        state.changes(NOW);
        assertEquals(Map.of(), state.changes(NOW));
        state.add(step(1));
        assertEquals(List.of("training"), List.copyOf(state.changes(NOW).keySet()));
        state.add(candidate("p", 0, 2, 1), place(0));
        var changes = state.changes(NOW);
        assertTrue(changes.keySet().containsAll(List.of("scores", "prompts", "workers")));
        assertEquals("default/p/1", changes.get("prompts").get("order").get(0).asText());
    }

    @Test
    void theGalleryIsFilteredOrderedAndPaged() {
        for (int i = 0; i < 100; i++) {
            state.add(sample("p" + i, i % 2 == 0 ? "color" : "shape", i), place(i));
        }
        state.add(sample("p7", "shape", 7), place(200)); // again
        var all = state.gallery(GalleryQuery.FIRST);
        assertEquals(100, all.get("total").asInt());
        assertEquals(48, all.get("items").size());
        assertEquals(50, all.get("facets").get("category").get("color").asInt());
        var best = state.gallery(new GalleryQuery(Map.of("category", "color"), "TEXT P", "mi", 1));
        assertEquals(50, best.get("found").asInt());
        assertEquals(List.of("p2", "p0"), best.get("items").findValuesAsText("promptId"));
        assertThrows(
                IllegalArgumentException.class,
                () -> new GalleryQuery(Map.of("seed", "1"), "", "mi", 0));
        assertThrows(
                IllegalArgumentException.class, () -> new GalleryQuery(Map.of(), "", "size", 0));
    }

    @Test
    void cardsStayBoundedAndTheOldestDoneGoFirst() {
        var cards = new PromptCards(80);
        for (int i = 0; i < 400; i++) {
            var card = cards.change("r", "p" + i, 1);
            card.candidate(candidate("p" + i, 0, i < 10 ? 2 : 1, 1), null, new LogPlace(0, i, i));
        }
        assertTrue(cards.size() <= 91, "cards: " + cards.size());
        assertTrue(cards.find("r", "p399", 1).isPresent());
        assertTrue(cards.find("r", "p3", 1).isPresent(), "still open");
        assertFalse(cards.find("r", "p20", 1).isPresent());
    }

    @Test
    void aHistogramWidensWithoutLosingCounts() {
        var histogram = new Histogram();
        IntStream.range(0, 1000).forEach(i -> histogram.add(i * 3.7 - 900));
        histogram.add(Double.NaN);
        histogram.add(Double.POSITIVE_INFINITY);
        var json = histogram.json(48);
        var counts = json.get("counts");
        assertTrue(counts.size() <= 48);
        var sum = 0;
        for (var count : counts) {
            sum += count.asInt();
        }
        assertEquals(1000, sum);
        assertTrue(json.get("start").asDouble() <= -900);
        double end = json.get("start").asDouble() + counts.size() * json.get("width").asDouble();
        assertTrue(end > 999 * 3.7 - 900);
    }

    @Test
    void aLongTrainingStaysAShortCurve() {
        for (int step = 1; step <= 10_000; step++) {
            state.add(step(step));
        }
        var run = state.snapshot(NOW).get("training").get(0);
        assertEquals(10_000, run.get("steps").asInt());
        assertTrue(run.get("step").size() <= 300);
        assertEquals(run.get("step").size(), run.get("loss").size());
        assertEquals(0.5, run.get("loss").get(7).asDouble());
    }

    @Test
    void onlyPicturesThatEventsNameAreKnown() {
        var images = new Images(2);
        var png = ref("previews", "a", "png");
        var known = images.add(png).orElseThrow();
        assertEquals(Optional.of(png), images.find(known));
        assertEquals(Optional.empty(), images.add(ref("latents", "b", "safetensors")));
        images.add(ref("previews", "c", "png"));
        images.add(ref("previews", "d", "png"));
        assertEquals(Optional.empty(), images.find(known), "the oldest is forgotten");
        assertEquals(Optional.empty(), Sha256.parse("../../../etc/passwd"));
    }

    private static LogPlace place(long offset) {
        return new LogPlace(0, offset, NOW + offset);
    }

    private static List<Integer> ints(Iterable<JsonNode> list, String name) {
        var ints = new ArrayList<Integer>();
        list.forEach(item -> ints.add(item.get(name).asInt()));
        return ints;
    }

    private static BlobRef ref(String kind, String text, String suffix) {
        var hex = Identity.sha256(text.getBytes(StandardCharsets.UTF_8));
        return BlobRef.newBuilder()
                .setPath(kind + "/" + hex.substring(0, 2) + "/" + hex + "." + suffix)
                .setSha256(hex)
                .setSize(1)
                .build();
    }

    private static TrainingStep step(int step) {
        return TrainingStep.newBuilder()
                .setRun("default")
                .setRound(1)
                .setStep(step)
                .setLoss(0.5)
                .setGradientNorm(1)
                .setLearningRate(1e-4)
                .setSamplesPerSecond(10)
                .setSamples(step)
                .setSkippedSteps(0)
                .setStaleness(0)
                .setCreatedAt(Instant.ofEpochMilli(NOW))
                .build();
    }

    private static Candidate candidate(String promptId, int index, int of, double mi) {
        return Candidate.newBuilder()
                .setCandidateId(promptId + "/1/" + index)
                .setPromptId(promptId)
                .setRun("default")
                .setRound(1)
                .setRoundSize(1)
                .setBatch("batch")
                .setText("text " + promptId)
                .setIndex(index)
                .setSeed(index)
                .setCandidates(of)
                .setKeep(1)
                .setSampling(
                        SamplingSettings.newBuilder()
                                .setScheduler("ddim")
                                .setNumInferenceSteps(2)
                                .setGuidanceScale(2)
                                .build())
                .setMi(mi)
                .setTimesteps(List.of(1))
                .setMiTerms(List.of(1f))
                .setMiWeights(List.of(1f))
                .setAdapterVersion(0)
                .setModelDigest("digest")
                .setWorker("worker")
                .setSeconds(1)
                .setCreatedAt(Instant.ofEpochMilli(NOW))
                .build();
    }

    private static CuratedSample sample(String promptId, String category, double mi) {
        return CuratedSample.newBuilder()
                .setPromptId(promptId)
                .setRun("default")
                .setRound(1)
                .setRoundSize(1)
                .setBatch("batch")
                .setText("text " + promptId)
                .setCategory(category)
                .setRank(0)
                .setKept(1)
                .setIndex(0)
                .setSeed(0)
                .setMi(mi)
                .setMargin(0)
                .setScoreMean(mi)
                .setScoreStd(0)
                .setScoreMin(mi)
                .setScoreMax(mi)
                .setCandidatesRequested(1)
                .setCandidatesSeen(1)
                .setCandidatesFailed(0)
                .setComplete(true)
                .setPolicy("mi-max")
                .setPolicyVersion(1)
                .setReason("best of 1")
                .setAdapterVersion(0)
                .setModelDigest("digest")
                .build();
    }
}
