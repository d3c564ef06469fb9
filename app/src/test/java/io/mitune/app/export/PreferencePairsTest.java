package io.mitune.app.export;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.app.CuratedSamples;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.serde.AvroSerde;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which two candidates of a prompt make a pair. */
class PreferencePairsTest {

    @BeforeAll
    static void letAvroCopyOurRecords() {
        AvroSerde.trustOwnRecords();
    }

    @Test
    void bestAndWorstDoNotDependOnOrderOrRepetition() {
        var all = new ArrayList<Candidate>();
        var mi = new double[] {3, 9, 1, 9, 1};
        for (var i = 0; i < mi.length; i++) {
            all.add(candidate("r", "a", i, mi[i]));
            all.add(candidate("r", "a", i, mi[i]));
        }
        all.add(candidate("r", "a", 5, Double.NaN));
        all.add(failed(candidate("r", "a", 6, 99)));
        all.add(candidate("r", "stranger", 0, 99));
        for (var seed = 0; seed < 10; seed++) {
            Collections.shuffle(all, new Random(seed));
            assertEquals(List.of("a/1/1 a/1/4"), pairs("r", all));
        }
    }

    @Test
    void aPairNeedsTwoScores() {
        assertEquals(List.of(), pairs("r", List.of()));
        assertEquals(List.of(), pairs("r", List.of(candidate("r", "a", 0, 1))));
        var tied = List.of(candidate("r", "a", 0, 1), candidate("r", "a", 1, 1));
        assertEquals(List.of(), pairs("r", tied));
    }

    @Test
    void anotherRunsCandidatesOfTheSamePromptAreNotMixedIn() {
        var all =
                List.of(
                        candidate("r", "a", 0, 1),
                        candidate("r", "a", 1, 2),
                        candidate("r2", "a", 0, 5),
                        candidate("r2", "a", 1, 3));
        assertEquals(List.of("a/1/1 a/1/0"), pairs("r", all));
        assertEquals(List.of("a/1/1 a/1/0"), pairs("r-random", all));
        assertEquals(List.of("a/1/0 a/1/1"), pairs("r2", all));
    }

    private static List<String> pairs(String run, List<Candidate> candidates) {
        List<CuratedSample> curated = List.of(CuratedSamples.curated(run, "a", 1, 0).build());
        var pairs = new PreferencePairs(curated);
        candidates.forEach(pairs::offer);
        return pairs.pairs().stream()
                .map(p -> p.best().getCandidateId() + " " + p.worst().getCandidateId())
                .toList();
    }

    private static Candidate failed(Candidate candidate) {
        return Candidate.newBuilder(candidate).setFailure("not finite").build();
    }

    private static Candidate candidate(String run, String promptId, int index, double mi) {
        var latents =
                BlobRef.newBuilder().setPath("latents/ab/ab").setSha256("ab").setSize(1).build();
        return Candidate.newBuilder()
                .setCandidateId(Identity.candidateId(promptId, 1, index))
                .setPromptId(promptId)
                .setRun(run)
                .setRound(1)
                .setRoundSize(1)
                .setBatch("batch")
                .setText("a cat")
                .setIndex(index)
                .setSeed(index)
                .setCandidates(5)
                .setKeep(1)
                .setSampling(new SamplingSettings("ddim", 3, 2.0, 0, 0))
                .setMi(mi)
                .setTimesteps(List.of(1))
                .setMiTerms(List.of(1f))
                .setMiWeights(List.of(1f))
                .setLatents(latents)
                .setAdapterVersion(0)
                .setModelDigest("digest")
                .setWorker("w")
                .setSeconds(1)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }
}
