package io.mitune.streams.planner;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import java.util.Optional;

/**
 * Cuts a prompt's candidates into tasks, one after the other.
 *
 * <p>Small tasks spread over many GPUs and lose little when one dies; the micro-batch is fixed here
 * so that a task done twice gives the same bits. A later task has the adapter of the first, so that
 * one model draws all of a prompt. Pure and immutable.
 *
 * @param candidatesPerTask most candidates in one task
 * @param microBatch images per denoiser call
 */
public record TaskSplit(int candidatesPerTask, int microBatch) {

    public TaskSplit {
        if (candidatesPerTask < 1 || microBatch < 1) {
            throw new IllegalArgumentException(
                    "planner: expected 1 or more candidates per task and images per micro-batch,"
                            + " found "
                            + candidatesPerTask
                            + " and "
                            + microBatch);
        }
    }

    /**
     * @param adapter the adapter to pin into the prompt's tasks; empty for the base model
     */
    GenerationTask first(PromptRequest r, Optional<AdapterEvent> adapter) {
        return range(
                GenerationTask.newBuilder()
                        .setPromptId(r.getPromptId())
                        .setRun(r.getRun())
                        .setRound(r.getRound())
                        .setRoundSize(r.getRoundSize())
                        .setBatch(r.getBatch())
                        .setText(r.getText())
                        .setNegativePrompt(r.getNegativePrompt())
                        .setCategory(r.getCategory())
                        .setSeed(r.getSeed())
                        .setCandidates(r.getCandidates())
                        .setKeep(r.getKeep())
                        .setSampling(r.getSampling())
                        .setModel(r.getModel())
                        .setAdapterVersion(adapter.map(AdapterEvent::getVersion).orElse(0))
                        .setAdapter(adapter.map(AdapterEvent::getAdapter).orElse(null)),
                0);
    }

    /** The next task of the same prompt; {@code before} is not its last. */
    GenerationTask after(GenerationTask before) {
        return range(GenerationTask.newBuilder(before), end(before));
    }

    static boolean isLast(GenerationTask task) {
        return end(task) >= task.getCandidates();
    }

    private GenerationTask range(GenerationTask.Builder task, int first) {
        int count = Math.min(candidatesPerTask, task.getCandidates() - first);
        return task.setTaskId(Identity.taskId(task.getPromptId(), task.getRound(), first))
                .setFirstIndex(first)
                .setCount(count)
                .setMicroBatch(microBatch)
                .build();
    }

    private static int end(GenerationTask task) {
        return task.getFirstIndex() + task.getCount();
    }
}
