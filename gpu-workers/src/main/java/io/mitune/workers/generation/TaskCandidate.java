package io.mitune.workers.generation;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;

/**
 * What a candidate is before it is drawn: identity, seed and all that it takes over from its task.
 *
 * <p>In one place, so that a simulated worker's candidates are those of a real one. Stateless.
 */
public final class TaskCandidate {
    private TaskCandidate() {}

    /** The candidate of this index, without what drawing finds out. */
    public static Candidate.Builder of(GenerationTask task, int index) {
        return Candidate.newBuilder()
                .setCandidateId(Identity.candidateId(task.getPromptId(), task.getRound(), index))
                .setPromptId(task.getPromptId())
                .setRun(task.getRun())
                .setRound(task.getRound())
                .setRoundSize(task.getRoundSize())
                .setBatch(task.getBatch())
                .setText(task.getText())
                .setNegativePrompt(task.getNegativePrompt())
                .setCategory(task.getCategory())
                .setIndex(index)
                .setSeed(seed(task, index))
                .setCandidates(task.getCandidates())
                .setKeep(task.getKeep())
                .setSampling(task.getSampling())
                .setAdapterVersion(task.getAdapterVersion());
    }

    /** Of the noise it is drawn from. */
    static long seed(GenerationTask task, int index) {
        return Identity.candidateSeed(task.getSeed(), task.getPromptId(), index);
    }
}
