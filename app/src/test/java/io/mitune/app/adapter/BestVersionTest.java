package io.mitune.app.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Evaluation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BestVersionTest {
    private final List<AdapterEvent> versions = new ArrayList<>();
    private final List<Evaluation> evaluations = new ArrayList<>();

    @Test
    void theHighestScoreWinsAndOfEqualOnesTheOlder() {
        add(1, "promoted", 3, 5);
        add(2, "promoted", 4, 6);
        add(3, "rolled-back", 5, 5);
        add(4, "candidate", 1, 1);
        assertEquals(2, best());
    }

    @Test
    void rejectedBrokenAndForeignVersionsTakeNoPart() {
        add(1, "promoted", 1, 2);
        add(2, "rejected", 9, 9);
        add(3, "candidate", Double.NaN, 9);
        versions.add(version("r", 4, "candidate")); // not evaluated
        evaluations.add(evaluation("r", 0, 8, 8)); // the base model
        evaluations.add(evaluation("other", 1, 7, 7));
        assertEquals(1, best());
        assertEquals(Optional.of(1.5), new BestVersion("r", evaluations).score(1));
        assertEquals(Optional.empty(), new BestVersion("r", evaluations).score(3));
        assertEquals(Optional.empty(), new BestVersion("r", evaluations).score(4));
    }

    @Test
    void scoresOverOtherPromptsAreNotCompared() {
        add(1, "promoted", 90, 90, 90);
        add(2, "promoted", 2, 4);
        add(3, "promoted", 2, 2);
        assertEquals(2, best());
    }

    @Test
    void aLaterEvaluationReplacesAnEarlierOne() {
        add(1, "promoted", 9, 9);
        add(2, "promoted", 3, 3);
        evaluations.add(evaluation("r", 1, 1, 1));
        assertEquals(2, best());
    }

    @Test
    void withoutScoreThereIsNoBest() {
        versions.add(version("r", 1, "checkpoint"));
        var line = assertThrows(UserError.class, this::best).getMessage();
        assertTrue(line.contains("run r: expected a version with a validation score"), line);
    }

    @Test
    void referencesAreToldFromPaths() {
        assertEquals(Optional.empty(), AdapterReference.of("some/folder@3"));
        assertEquals(Optional.empty(), AdapterReference.of("file.safetensors"));
        var versioned = AdapterReference.of("my.run-1@12").orElseThrow();
        assertEquals(new AdapterReference("my.run-1", "12"), versioned);
        assertEquals("r@best", AdapterReference.of("r@best").orElseThrow().toString());
        for (var wrong : List.of("r@bset", "r@", "r@-1", "r@1234567890")) {
            var line = assertThrows(UserError.class, () -> AdapterReference.of(wrong));
            assertTrue(line.getMessage().contains("RUN@best, found " + wrong), wrong);
        }
    }

    private int best() {
        return new BestVersion("r", evaluations).of(versions).getVersion();
    }

    private void add(int version, String status, double... promptMi) {
        versions.add(version("r", version, status));
        evaluations.add(evaluation("r", version, promptMi));
    }

    private static AdapterEvent version(String run, int version, String status) {
        return AdapterEvent.newBuilder()
                .setRun(run)
                .setVersion(version)
                .setRound(1)
                .setStep(1)
                .setParentVersion(0)
                .setStatus(status)
                .setAdapter(BlobRef.newBuilder().setPath("p").setSha256("s").setSize(1).build())
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    private static Evaluation evaluation(String run, int version, double... promptMi) {
        var mean = Arrays.stream(promptMi).average().orElseThrow();
        return Evaluation.newBuilder()
                .setRun(run)
                .setVersion(version)
                .setRound(1)
                .setImages(2 * promptMi.length)
                .setPromptMi(Arrays.stream(promptMi).boxed().toList())
                .setMeanMi(mean)
                .setStandardErrorMi(0)
                .setFinite(Double.isFinite(mean))
                .setAdapterNorm(0)
                .setModelDigest("m")
                .setWorker("w")
                .setSeconds(1)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }
}
