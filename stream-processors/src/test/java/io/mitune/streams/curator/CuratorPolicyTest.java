package io.mitune.streams.curator;

import static io.mitune.streams.Samples.prompt;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PolicyEvent;
import io.mitune.schemas.PromptRequest;
import io.mitune.streams.Samples;
import io.mitune.streams.TopologyHarness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies as events: when they count, and what they do to whole rounds. */
class CuratorPolicyTest {
    private static final Duration DEADLINE = Duration.ofMinutes(10);
    private static final CurationConfig CONFIG =
            new CurationConfig(List.of(CurationPolicy.MI_MAX), DEADLINE, Duration.ofHours(5));

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
    void aChangeCountsFromItsOffsetOn() {
        set(Policies.set("strict", 1, 1L).setThreshold(5.0));
        set(Policies.set("strict", 2, 2L).setThreshold(1.0));
        set(Policies.set("strict", 3, 3L).setAction(PolicyEvents.REMOVE));
        var prompts = prompts(4, 1);
        prompts.forEach(this::send);
        prompts.forEach(p -> complete(p, 2));
        assertEquals(
                List.of("mi-max/1 1", "strict/1 0", "strict/2 1", "mi-max/1 1"),
                curated().stream().map(CuratorPolicyTest::verdict).toList());
        assertEquals(List.of(), harness.read(harness.topics().policies()));
    }

    @Test
    void oneThatComesTooLateCountsFromTheNextPromptAndTheLogSaysSo() {
        var prompts = prompts(3, 1);
        send(prompts.get(0));
        send(prompts.get(1));
        complete(prompts.get(1), 2);
        set(Policies.set("strict", 1, 0L).setThreshold(5.0));
        complete(prompts.get(0), 2);
        send(prompts.get(2));
        complete(prompts.get(2), 2);
        assertEquals(
                List.of("mi-max/1 1", "mi-max/1 1", "strict/1 0"),
                curated().stream().map(CuratorPolicyTest::verdict).toList());
        var word = harness.read(harness.topics().policies());
        assertEquals(1, word.size());
        assertEquals(PolicyEvents.EFFECT, word.get(0).getAction());
        assertEquals(2, word.get(0).getOffset());
        assertEquals("strict/1/0", PolicyEvents.key(word.get(0)));
    }

    @Test
    void whoeverReadsThatWordComesToTheSamePolicies() {
        set(Policies.set("strict", 1, 0L).setThreshold(5.0));
        var effect = Policies.set("strict", 1).setAction(PolicyEvents.EFFECT);
        set(effect.setPartition(0).setOffset(2));
        var prompts = prompts(3, 1);
        prompts.forEach(this::send);
        prompts.forEach(p -> complete(p, 2));
        assertEquals(
                List.of("mi-max/1 1", "mi-max/1 1", "strict/1 0"),
                curated().stream().map(CuratorPolicyTest::verdict).toList());
    }

    @Test
    void aPromptThatIsPublishedAgainKeepsItsPlace() {
        set(Policies.set("strict", 1, 1L).setThreshold(5.0));
        var prompt = prompts(1, 1).get(0);
        send(prompt);
        send(prompt);
        complete(prompt, 2);
        assertEquals("mi-max/1 1", verdict(curated().get(0)));
    }

    @Test
    void badEventsArePassedOver() {
        harness.sendRaw(harness.topics().policies(), "x", new byte[] {1, 2, 3});
        harness.sendRaw(harness.topics().policies(), "y", null);
        set(Policies.set("bad", 1).setKeep(-1));
        var prompt = prompts(1, 1).get(0);
        send(prompt);
        complete(prompt, 2);
        assertEquals("mi-max/1 1", verdict(curated().get(0)));
    }

    @Test
    void aQuotaWaitsForTheRoundAndTakesTheBest() {
        set(Policies.set("q", 1, 0L).setKeep(1).setQuotas(Map.of("colors", 2)));
        var prompts = prompts(4, 4);
        prompts.forEach(this::send);
        for (int i = 0; i < 3; i++) {
            complete(prompts.get(i), i + 1);
            assertTrue(curated().isEmpty());
        }
        harness.advance(DEADLINE.plusSeconds(2)); // the fourth never comes
        var samples = curated();
        assertEquals(4, samples.size());
        assertEquals("q/1 0", verdict(of(samples, prompts.get(0))));
        assertEquals("q/1 1", verdict(of(samples, prompts.get(1))));
        assertEquals("q/1 1", verdict(of(samples, prompts.get(2))));
        assertEquals("q/1 0", verdict(of(samples, prompts.get(3))));
        assertEquals(
                "dropped: the quota of 2 for category 'colors' is full",
                of(samples, prompts.get(0)).getReason());
        assertEquals(
                "best of 2 by mi; 2 of at most 2 in its category",
                of(samples, prompts.get(1)).getReason());
        assertEquals("no candidate before the deadline", of(samples, prompts.get(3)).getReason());
        assertEquals(0, harness.entries(CuratorTopology.ROUND_CHOICES));
        assertEquals(0, harness.entries(CuratorTopology.ROUND_PROMPTS));
        assertEquals(1, harness.entries(CuratorTopology.ROUNDS));
        harness.advance(Duration.ofHours(7));
        assertEquals(0, harness.entries(CuratorTopology.ROUNDS));
    }

    @Test
    void similarityLooksAcrossTheRoundInAnyOrderOfArrival() {
        set(Policies.set("d", 1, 0L).setKeep(1).setMaxSimilarity(0.9));
        var prompts = prompts(3, 3);
        prompts.forEach(this::send);
        var candidates = new ArrayList<Candidate>();
        double[] angles = {0, 10, 90};
        for (int i = 0; i < 3; i++) {
            var p = prompts.get(i);
            candidates.add(
                    Samples.candidate(p, 0, i).setSketch(Policies.sketch(angles[i])).build());
            candidates.add(Samples.candidate(p, 1, -1).build());
        }
        Collections.shuffle(candidates, new Random(5));
        candidates.forEach(this::send);
        var samples = curated();
        var dropped = of(samples, prompts.get(0));
        assertEquals(0, dropped.getKept());
        assertEquals(
                "dropped: similarity 0.9848 to %s/1/0, expected at most 0.9000"
                        .formatted(prompts.get(1).getPromptId()),
                dropped.getReason());
        assertEquals(
                "best of 2 by mi; similarity in the round 0.1736, at most 0.9000",
                of(samples, prompts.get(1)).getReason());
        assertEquals("best of 2 by mi", of(samples, prompts.get(2)).getReason());
    }

    @Test
    void aPolicySetInTheMiddleOfARoundWaitsForTheRoundsEnd() {
        var prompts = prompts(3, 3);
        send(prompts.get(0));
        complete(prompts.get(0), 9);
        assertEquals("mi-max/1 1", verdict(curated().get(0)));
        set(Policies.set("q", 1, 1L).setKeep(1).setQuotas(Map.of("*", 1)));
        send(prompts.get(1));
        send(prompts.get(2));
        complete(prompts.get(1), 2);
        assertTrue(curated().isEmpty());
        complete(prompts.get(2), 3);
        var samples = curated();
        assertEquals("q/1 0", verdict(of(samples, prompts.get(1))));
        assertEquals("q/1 1", verdict(of(samples, prompts.get(2))));
    }

    @Test
    void roundsThatAreTooLargeAreNotHeld() {
        set(Policies.set("q", 1, 0L).setKeep(1).setQuotas(Map.of("*", 1)));
        var prompt = prompts(1, 10_001).get(0);
        send(prompt);
        complete(prompt, 2);
        assertEquals(
                "best of 2 by mi; rules for rounds left out: 10001 prompts, at most 10000",
                curated().get(0).getReason());
        assertEquals(0, harness.entries(CuratorTopology.ROUNDS));
    }

    @Test
    void similarityIsComparedInSmallerRounds() {
        var policy = Policies.policy(Policies.set("d", 1).setKeep(2).setMaxSimilarity(0.9));
        assertTrue(policy.holds(2000));
        assertFalse(policy.holds(2001));
    }

    private static String verdict(CuratedSample s) {
        return s.getPolicy() + "/" + s.getPolicyVersion() + " " + s.getKept();
    }

    private static CuratedSample of(List<CuratedSample> samples, PromptRequest prompt) {
        var found =
                samples.stream().filter(s -> s.getPromptId().equals(prompt.getPromptId())).toList();
        assertEquals(1, found.size());
        return found.get(0);
    }

    private static List<PromptRequest> prompts(int count, int roundSize) {
        var prompts = new ArrayList<PromptRequest>();
        for (int i = 0; i < count; i++) {
            prompts.add(prompt(i, 1, 2, 1).setRoundSize(roundSize).build());
        }
        return prompts;
    }

    private void set(PolicyEvent.Builder event) {
        var built = event.build();
        harness.send(harness.topics().policies(), PolicyEvents.key(built), built);
    }

    private void complete(PromptRequest prompt, double mi) {
        send(Samples.candidate(prompt, 0, mi).build());
        send(Samples.candidate(prompt, 1, mi - 1).build());
    }

    /** Its turn comes at once. */
    private void send(PromptRequest request) {
        var topics = harness.topics();
        harness.send(topics.prompts(), request.getPromptId(), request);
        harness.send(topics.releases(), request.getPromptId(), Samples.released(request));
    }

    private void send(Candidate candidate) {
        harness.send(harness.topics().candidates(), candidate.getPromptId(), candidate);
    }

    private List<CuratedSample> curated() {
        return harness.read(harness.topics().curated());
    }
}
