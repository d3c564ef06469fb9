package io.mitune.streams.curator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.serde.AvroSerde;
import io.mitune.streams.Samples;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** What must hold for any round under any policy with rules for whole rounds. */
class PolicyProperties {
    private static final int N = 3;

    static {
        AvroSerde.trustOwnRecords();
    }

    @Property(tries = 100)
    void aRoundIsAFunctionOfTheSetOfItsCandidates(
            @ForAll @IntRange(min = 1, max = 12) int prompts,
            @ForAll @IntRange(max = 6) int quota,
            @ForAll @DoubleRange(min = -0.9, max = 0.99) double similarity,
            @ForAll Random random) {
        var policy = policy(quota, similarity);
        var all = candidates(requests(prompts), random);
        var often = new ArrayList<>(all);
        often.addAll(all);
        Collections.shuffle(often, random);
        var once = replay(policy, requests(prompts), all);
        assertEquals(once, replay(policy, requests(prompts), often));
        check(once, requests(prompts), all, quota, similarity);
    }

    private static void check(
            List<CuratedSample> samples,
            List<PromptRequest> requests,
            List<Candidate> candidates,
            int quota,
            double similarity) {
        var byPrompt = Replay.byPrompt(samples);
        assertEquals(requests.size(), byPrompt.size());
        Map<String, Integer> kept = new HashMap<>();
        Map<String, Sketch> sketches = new HashMap<>();
        candidates.forEach(c -> sketches.put(c.getCandidateId(), Sketch.of(c.getSketch())));
        var seen = new ArrayList<Sketch>();
        for (var own : byPrompt.values()) {
            var ranks = new HashSet<Integer>();
            own.forEach(s -> ranks.add(s.getRank()));
            assertEquals(Math.max(1, own.get(0).getKept()), own.size());
            assertEquals(own.size(), ranks.size());
            for (var s : own) {
                assertTrue(s.getRank() < own.size());
                if (s.getKept() > 0) {
                    kept.merge(s.getCategory(), 1, Integer::sum);
                    var sketch = sketches.get(s.getCandidateId());
                    seen.stream()
                            .filter(sketch::isComparable)
                            .forEach(o -> assertTrue(sketch.cosine(o) <= similarity));
                    seen.add(sketch);
                }
            }
        }
        kept.values().forEach(count -> assertTrue(count <= quota));
    }

    private static List<CuratedSample> replay(
            CurationPolicy policy, List<PromptRequest> requests, List<Candidate> candidates) {
        var replay = new Replay(policy, VoteTally.NONE, (run, round) -> true);
        requests.forEach(p -> replay.request(p.getPromptId(), p));
        candidates.forEach(c -> replay.candidate(c.getPromptId(), c));
        return replay.samples();
    }

    private static CurationPolicy policy(int quota, double similarity) {
        return Policies.policy(
                Policies.set("p", 1)
                        .setKeep(2)
                        .setQuotas(Map.of("*", quota))
                        .setMaxSimilarity(similarity));
    }

    private static List<PromptRequest> requests(int count) {
        var requests = new ArrayList<PromptRequest>();
        for (int i = 0; i < count; i++) {
            requests.add(
                    Samples.prompt(i, 1, N, 1)
                            .setRoundSize(count)
                            .setCategory("category " + i % 3)
                            .build());
        }
        return requests;
    }

    private static List<Candidate> candidates(List<PromptRequest> requests, Random random) {
        var all = new ArrayList<Candidate>();
        for (var p : requests) {
            for (int i = 0; i < N; i++) {
                // few values, so that equal scores and equal pictures are common
                all.add(
                        Samples.candidate(p, i, random.nextInt(3))
                                .setSketch(
                                        random.nextInt(4) == 0
                                                ? List.of()
                                                : Policies.sketch(random.nextInt(6) * 60))
                                .build());
            }
        }
        return all;
    }
}
