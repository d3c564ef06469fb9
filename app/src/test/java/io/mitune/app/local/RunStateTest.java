package io.mitune.app.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.TrainingStep;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunStateTest {
    private final RunState state = new RunState();

    @Test
    void countsARepeatedCandidateOnce() {
        state.add(candidate("p", 1, 0));
        state.add(candidate("p", 1, 0));
        state.add(candidate("p", 1, 1));
        state.add(candidate("p", 2, 0));

        assertEquals(2, state.candidateCount("r", 1));
        assertEquals(1, state.candidateCount("r", 2));
        assertEquals(2, state.latestRound("r"));
        assertEquals(0, state.latestRound("other"));
    }

    @Test
    void askingForARoundDoesNotMakeIt() {
        assertEquals(0, state.candidateCount("r", 7));
        assertEquals(0, state.latestRound("r"));
        assertTrue(state.candidates("r", 7).isEmpty());
    }

    @Test
    void aStepThatIsRepeatedAfterARestartCountsOnce() {
        state.add(step(3, 0.5));
        state.add(step(3, 0.4));

        assertEquals(1, state.steps("r").size());
        assertEquals(0.4, state.steps("r").iterator().next().getLoss());
    }

    @Test
    void theStatusSaysHowFarARunIs() {
        assertEquals("run r: no candidates yet", RunStatus.line("r", state));
        state.add(candidate("p", 1, 0));
        state.add(candidate("q", 1, 0));
        assertEquals(
                "run r, round 1: candidates 2/6, curated 0/3 prompts", RunStatus.line("r", state));
        state.add(step(5, 0.25));
        state.addCurrent(adapter(1, 1));
        assertEquals(
                "run r, round 1: candidates 2/6, curated 0/3 prompts, step 5, loss 0.2500,"
                        + " adapter version 1, done",
                RunStatus.line("r", state));
    }

    private static Candidate candidate(String promptId, int round, int index) {
        return Candidate.newBuilder()
                .setCandidateId(promptId + "/" + round + "/" + index)
                .setPromptId(promptId)
                .setRun("r")
                .setRound(round)
                .setRoundSize(3)
                .setBatch("b")
                .setText("a red circle")
                .setIndex(index)
                .setSeed(1)
                .setCandidates(2)
                .setKeep(1)
                .setSampling(
                        SamplingSettings.newBuilder()
                                .setScheduler("ddpm")
                                .setNumInferenceSteps(2)
                                .setGuidanceScale(2)
                                .build())
                .setMi(1)
                .setTimesteps(List.of())
                .setMiTerms(List.of())
                .setMiWeights(List.of())
                .setAdapterVersion(0)
                .setModelDigest("d")
                .setWorker("w")
                .setSeconds(1)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    private static TrainingStep step(int step, double loss) {
        return TrainingStep.newBuilder()
                .setRun("r")
                .setRound(1)
                .setStep(step)
                .setLoss(loss)
                .setGradientNorm(1)
                .setLearningRate(1e-4)
                .setSamplesPerSecond(1)
                .setSamples(1)
                .setSkippedSteps(0)
                .setStaleness(0)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    private static AdapterEvent adapter(int version, int round) {
        return AdapterEvent.newBuilder()
                .setRun("r")
                .setVersion(version)
                .setRound(round)
                .setStep(5)
                .setParentVersion(version - 1)
                .setStatus("promoted")
                .setMetrics(Map.of())
                .setCreatedAt(Instant.EPOCH)
                .build();
    }
}
