package io.mitune.workers.support;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.SamplingSettings;
import io.mitune.workers.generation.TaskCandidate;
import java.time.Instant;
import java.util.List;

/** Records with every field set. */
public final class Tasks {
    private Tasks() {}

    public static SamplingSettings sampling(int steps) {
        return SamplingSettings.newBuilder()
                .setScheduler("ddpm")
                .setNumInferenceSteps(steps)
                .setGuidanceScale(2)
                .build();
    }

    public static GenerationTask generation(String text, int count, int microBatch) {
        String promptId = Identity.promptId("test", 0, text);
        return GenerationTask.newBuilder()
                .setTaskId(Identity.taskId(promptId, 1, 0))
                .setPromptId(promptId)
                .setRun("run")
                .setRound(1)
                .setRoundSize(1)
                .setBatch("test")
                .setText(text)
                .setSeed(42)
                .setFirstIndex(0)
                .setCount(count)
                .setMicroBatch(microBatch)
                .setCandidates(count)
                .setKeep(1)
                .setSampling(sampling(4))
                .setAdapterVersion(0)
                .build();
    }

    /** The candidate of a handler that draws nothing. */
    public static Candidate candidate(GenerationTask task, int index, String worker) {
        return TaskCandidate.of(task, index)
                .setMi(index)
                .setTimesteps(List.of())
                .setMiTerms(List.of())
                .setMiWeights(List.of())
                .setModelDigest("")
                .setWorker(worker)
                .setSeconds(0)
                .setCreatedAt(Instant.ofEpochMilli(0))
                .build();
    }
}
