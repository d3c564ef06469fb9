package io.mitune.streams.curator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PromptRequest;
import io.mitune.streams.Samples;
import io.mitune.streams.TopologyHarness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The log judged again gives what the stream gave, record by record. */
class ReplayTest {
    private static final int N = 4;
    private static final int PROMPTS = 12;
    private static final Duration DEADLINE = Duration.ofMinutes(10);

    @TempDir Path dir;

    static List<CurationPolicy> policies() {
        return List.of(
                CurationPolicy.MI_MAX,
                CurationPolicy.RANDOM,
                Policies.policy(Policies.set("margin", 1).setMargin(0.3).setThreshold(0.5)),
                Policies.policy(Policies.set("paper", 1).setEstimator("paper")),
                Policies.policy(
                        Policies.set("round", 1)
                                .setKeep(2)
                                .setMaxSimilarity(0.95)
                                .setQuotas(Map.of("colors", 9))),
                new CurationPolicy(
                        "k3", 1, CurationPolicy.Selection.MI_MIN, OptionalInt.of(3), "-worst"));
    }

    @ParameterizedTest
    @MethodSource("policies")
    void theSamePolicyGivesTheSameRecords(CurationPolicy policy) {
        var random = new Random(20260301);
        var prompts =
                IntStream.range(0, PROMPTS)
                        .mapToObj(i -> Samples.prompt(i, 1, N, 1).setRoundSize(PROMPTS).build())
                        .toList();
        var candidates = new ArrayList<Candidate>();
        prompts.forEach(p -> candidates.addAll(candidates(p, random)));
        Collections.shuffle(candidates, random);
        // prompts 0 and 1 are closed by the deadline, one of them without any candidate
        candidates.removeIf(c -> about(c, prompts.get(0)));
        candidates.removeIf(c -> about(c, prompts.get(1)) && c.getIndex() == 2);
        var live = live(policy, prompts, candidates);
        var late = new ArrayList<>(candidates);
        late.addAll(candidates(prompts.get(0), random));
        late.addAll(candidates(prompts.get(1), random));

        var replay = new Replay(policy, VoteTally.NONE, (run, round) -> run.equals(Samples.RUN));
        // the deadline's word stands in the records of the run itself, whatever the policy's suffix
        live.forEach(s -> replay.curated(CuratedSample.newBuilder(s).setRun("main").build()));
        prompts.forEach(p -> replay.request(p.getPromptId(), p));
        late.forEach(c -> replay.candidate(c.getPromptId(), c));
        assertEquals(sorted(live), replay.samples());
        assertEquals(PROMPTS, replay.closedPrompts());
        assertTrue(live.stream().anyMatch(s -> !s.getComplete()));
    }

    private List<CuratedSample> live(
            CurationPolicy policy, List<PromptRequest> prompts, List<Candidate> candidates) {
        var config = new CurationConfig(List.of(policy), DEADLINE, Duration.ofHours(1));
        try (var harness = new TopologyHarness(dir, c -> CuratorTopology.role(c, config))) {
            var topics = harness.topics();
            prompts.forEach(p -> harness.send(topics.prompts(), p.getPromptId(), p));
            prompts.forEach(
                    p -> harness.send(topics.releases(), p.getPromptId(), Samples.released(p)));
            candidates.forEach(c -> harness.send(topics.candidates(), c.getPromptId(), c));
            harness.advance(DEADLINE.plusSeconds(2));
            return harness.read(topics.curated());
        }
    }

    /** Some twice, with another score the second time; some failed. */
    private static List<Candidate> candidates(PromptRequest prompt, Random random) {
        var all = new ArrayList<Candidate>();
        for (int i = 0; i < N; i++) {
            for (int times = random.nextInt(2); times >= 0; times--) {
                float mi = random.nextInt(8) / 4f;
                all.add(
                        random.nextInt(8) == 0
                                ? Samples.failed(prompt, i)
                                : Samples.candidate(prompt, i, mi)
                                        .setPaperTerms(List.of(mi, 2f, -mi))
                                        .setSketch(Policies.sketch(random.nextInt(12) * 30))
                                        .build());
            }
        }
        return all;
    }

    private static boolean about(Candidate c, PromptRequest p) {
        return c.getPromptId().equals(p.getPromptId());
    }

    private static List<CuratedSample> sorted(List<CuratedSample> samples) {
        return samples.stream()
                .sorted(
                        Comparator.comparing(CuratedSample::getPromptId)
                                .thenComparingInt(CuratedSample::getRank))
                .toList();
    }
}
