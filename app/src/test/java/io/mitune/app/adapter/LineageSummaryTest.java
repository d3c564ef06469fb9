package io.mitune.app.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.app.adapter.Ancestry.Ancestor;
import io.mitune.app.adapter.LineageSummary.Round;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.SamplingSettings;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineageSummaryTest {
    private static final int MOST = 100;

    @Test
    void aHundredThousandSamplesAreCountedByRoundAndTheFirstAreShown() {
        int each = 50_000;
        var summary = summary(each);
        for (int i = each - 1; i >= 0; i--) { // in another order than that of training
            summary.add(sample(i, 1, i % 2 + 1, 0).build());
            summary.add(sample(i, 2, 2, 0).build());
        }
        assertEquals(
                List.of(
                        round(1, each, each, Map.of("mi-max@1", each / 2, "mi-max@2", each / 2)),
                        round(2, each, each, Map.of("mi-max@2", each))),
                summary.rounds());
        assertEquals(
                IntStream.range(0, MOST).mapToObj(i -> id(i, 1)).toList(),
                summary.first().stream().map(s -> s.record().getCandidateId()).toList());
        assertEquals(2 * each, summary.samples());
        assertEquals(0, summary.missing());
    }

    @Test
    void whatWasJudgedAndNotKeptCountsAsJudgedAndRepeatsCountOnce() {
        var summary = summary(3);
        summary.add(sample(0, 1, 1, 0).build());
        summary.add(sample(0, 1, 1, 0).setMi(9).build()); // the first one counts
        summary.add(sample(0, 1, 1, 1).setCandidateId("another").build()); // of the same prompt
        summary.add(sample(1, 1, 1, 0).setKept(0).setCandidateId(null).build());
        summary.add(sample(2, 1, 1, 0).setRun("other").build());
        summary.add(sample(0, 3, 1, 0).build()); // a round whose version was rejected
        assertEquals(List.of(round(1, 2, 1, Map.of("mi-max@1", 1))), summary.rounds());
        assertEquals(1, summary.first().get(0).version());
        assertEquals(1, summary.first().get(0).record().getMi());
        assertEquals(5, summary.missing());
    }

    @Test
    void seedsAreThoseOfTheRequests() {
        var summary = summary(1);
        summary.add(sample(0, 1, 1, 0).build());
        summary.add(request(7, "main"));
        summary.add(request(5, "main"));
        summary.add(request(7, "main"));
        summary.add(request(1, "other"));
        assertEquals(new TreeSet<>(List.of(5L, 7L)), summary.rounds().get(0).seeds());
    }

    private static LineageSummary summary(int samplesOfARound) {
        var line =
                IntStream.of(1, 2)
                        .mapToObj(
                                round ->
                                        new Ancestor(
                                                version(round),
                                                IntStream.range(0, samplesOfARound)
                                                        .mapToObj(i -> id(i, round))
                                                        .toList()))
                        .toList();
        return new LineageSummary(new Ancestry("main", line), MOST);
    }

    private static Round round(int number, int prompts, int kept, Map<String, Integer> policies) {
        return new Round(
                number, prompts, 8L * prompts, kept, new TreeSet<>(), new TreeMap<>(policies));
    }

    private static String id(int prompt, int round) {
        return Identity.candidateId("p" + prompt, round, 0);
    }

    private static AdapterEvent version(int number) {
        return AdapterEvent.newBuilder()
                .setRun("main")
                .setVersion(number)
                .setRound(number)
                .setStep(1)
                .setParentVersion(number - 1)
                .setStatus("candidate")
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    private static PromptRequest request(long seed, String run) {
        return PromptRequest.newBuilder()
                .setPromptId("p0")
                .setRun(run)
                .setRound(1)
                .setRoundSize(1)
                .setBatch("b")
                .setText("a red cube")
                .setPosition(0)
                .setSeed(seed)
                .setCandidates(8)
                .setKeep(1)
                .setSampling(
                        SamplingSettings.newBuilder()
                                .setScheduler("ddpm")
                                .setNumInferenceSteps(50)
                                .setGuidanceScale(2)
                                .build())
                .setRequestedAt(Instant.EPOCH)
                .build();
    }

    private static CuratedSample.Builder sample(int prompt, int round, int policy, int rank) {
        return CuratedSample.newBuilder()
                .setPromptId("p" + prompt)
                .setRun("main")
                .setRound(round)
                .setRoundSize(1)
                .setBatch("b")
                .setText("a red cube")
                .setRank(rank)
                .setKept(1)
                .setCandidateId(id(prompt, round))
                .setIndex(0)
                .setSeed(7)
                .setMi(1)
                .setMargin(0.5)
                .setScoreMean(1)
                .setScoreStd(0.5)
                .setScoreMin(1)
                .setScoreMax(1)
                .setCandidatesRequested(8)
                .setCandidatesSeen(8)
                .setCandidatesFailed(0)
                .setComplete(true)
                .setPolicy("mi-max")
                .setPolicyVersion(policy)
                .setReason("best of 8")
                .setAdapterVersion(0)
                .setModelDigest("m0");
    }
}
