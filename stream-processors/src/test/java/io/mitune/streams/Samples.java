package io.mitune.streams;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.RunStatus;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.TrainingStep;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Records as the other parts of the stream write them. */
public final class Samples {
    public static final String RUN = "main";
    public static final Instant THEN = Instant.parse("2026-03-01T12:00:00Z");
    private static final SamplingSettings SAMPLING =
            SamplingSettings.newBuilder()
                    .setScheduler("ddpm")
                    .setNumInferenceSteps(50)
                    .setGuidanceScale(2)
                    .build();

    private Samples() {}

    public static PromptRequest.Builder prompt(int position, int round, int n, int keep) {
        var text = "a red cube and " + position + " blue balls";
        return PromptRequest.newBuilder()
                .setPromptId(Identity.promptId("batch", position, text))
                .setRun(RUN)
                .setRound(round)
                .setRoundSize(100)
                .setBatch("batch")
                .setText(text)
                .setCategory("colors")
                .setPosition(position)
                .setSeed(7)
                .setCandidates(n)
                .setKeep(keep)
                .setSampling(SAMPLING)
                .setRequestedAt(THEN);
    }

    /** What the planner says when a prompt's turn has come. */
    public static GenerationTask released(PromptRequest p) {
        return GenerationTask.newBuilder()
                .setTaskId(Identity.taskId(p.getPromptId(), p.getRound(), 0))
                .setPromptId(p.getPromptId())
                .setRun(p.getRun())
                .setRound(p.getRound())
                .setRoundSize(p.getRoundSize())
                .setBatch(p.getBatch())
                .setText(p.getText())
                .setSeed(p.getSeed())
                .setFirstIndex(0)
                .setCount(p.getCandidates())
                .setMicroBatch(1)
                .setCandidates(p.getCandidates())
                .setKeep(p.getKeep())
                .setSampling(p.getSampling())
                .setAdapterVersion(0)
                .build();
    }

    public static Candidate.Builder candidate(PromptRequest p, int index, double mi) {
        var id = Identity.candidateId(p.getPromptId(), p.getRound(), index);
        return Candidate.newBuilder()
                .setCandidateId(id)
                .setPromptId(p.getPromptId())
                .setRun(p.getRun())
                .setRound(p.getRound())
                .setRoundSize(p.getRoundSize())
                .setBatch(p.getBatch())
                .setText(p.getText())
                .setNegativePrompt(p.getNegativePrompt())
                .setCategory(p.getCategory())
                .setIndex(index)
                .setSeed(Identity.candidateSeed(p.getSeed(), p.getPromptId(), index))
                .setCandidates(p.getCandidates())
                .setKeep(p.getKeep())
                .setSampling(p.getSampling())
                .setMi(mi)
                .setTimesteps(List.of(981, 961, 941))
                .setMiTerms(List.of(1f, 2f, 3f))
                .setMiWeights(List.of(1f, 1f, 1f))
                .setLatents(blob(id))
                .setPreview(blob(id + ".png"))
                .setAdapterVersion(0)
                .setModelDigest("m0")
                .setWorker("worker-1")
                .setSeconds(0.5)
                .setCreatedAt(THEN);
    }

    public static Candidate failed(PromptRequest p, int index) {
        return candidate(p, index, Double.NaN)
                .setFailure("latents are not finite")
                .setLatents(null)
                .setPreview(null)
                .build();
    }

    public static AdapterEvent.Builder adapter(int version, int round, String status) {
        return AdapterEvent.newBuilder()
                .setRun(RUN)
                .setVersion(version)
                .setRound(round)
                .setStep(version * 100)
                .setParentVersion(version - 1)
                .setStatus(status)
                .setAdapter(version == 0 ? null : blob("adapter-" + version))
                .setCreatedAt(THEN);
    }

    public static Evaluation.Builder evaluation(int version, int round, double... promptMi) {
        var scores = java.util.Arrays.stream(promptMi).boxed().toList();
        double mean = java.util.Arrays.stream(promptMi).average().orElse(0);
        return Evaluation.newBuilder()
                .setRun(RUN)
                .setVersion(version)
                .setRound(round)
                .setImages(promptMi.length)
                .setPromptMi(scores)
                .setMeanMi(mean)
                .setStandardErrorMi(0.1)
                .setFinite(true)
                .setAdapterNorm(0.05)
                .setModelDigest("m0")
                .setWorker("worker-1")
                .setSeconds(1)
                .setCreatedAt(THEN.plusSeconds(60));
    }

    public static RunSettings.Builder settings(int version) {
        return RunSettings.newBuilder().setRun(RUN).setVersion(version).setChangedAt(THEN);
    }

    /** Where the run stands; it is held up for a reason that is not empty. */
    public static RunStatus status(String waits) {
        return RunStatus.newBuilder()
                .setRun(RUN)
                .setState(waits.isEmpty() ? "running" : "paused")
                .setWaits(waits)
                .setRound(1)
                .setDecidedRound(0)
                .setAdapterVersion(0)
                .setSeconds(0)
                .setSamples(0)
                .setUpdatedAt(THEN)
                .build();
    }

    public static TrainingStep.Builder step(int number, double seconds) {
        return TrainingStep.newBuilder()
                .setRun(RUN)
                .setRound(1)
                .setStep(number)
                .setLoss(1)
                .setGradientNorm(1)
                .setLearningRate(1)
                .setSamplesPerSecond(1)
                .setSamples(1)
                .setSkippedSteps(0)
                .setStaleness(0)
                .setSeconds(seconds)
                .setCreatedAt(THEN);
    }

    public static BlobRef blob(String content) {
        var sha = Identity.sha256(content.getBytes(StandardCharsets.UTF_8));
        return BlobRef.newBuilder()
                .setPath("test/" + sha.substring(0, 2) + "/" + sha)
                .setSha256(sha)
                .setSize(content.length())
                .build();
    }
}
