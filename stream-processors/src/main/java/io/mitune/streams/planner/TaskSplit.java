package io.mitune.streams.planner;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Cuts a prompt's candidates into tasks.
 *
 * <p>Small tasks spread over many GPUs and lose little when one dies; the micro-batch is fixed here
 * so that a task done twice gives the same bits. Pure and immutable.
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
     * @param adapter the adapter to pin into the tasks; empty for the base model
     */
    public List<GenerationTask> split(PromptRequest request, Optional<AdapterEvent> adapter) {
        int n = request.getCandidates();
        return IntStream.iterate(0, i -> i < n, i -> i + candidatesPerTask)
                .mapToObj(i -> task(request, adapter, i, Math.min(candidatesPerTask, n - i)))
                .toList();
    }

    private GenerationTask task(
            PromptRequest r, Optional<AdapterEvent> adapter, int firstIndex, int count) {
        return GenerationTask.newBuilder()
                .setTaskId(Identity.taskId(r.getPromptId(), r.getRound(), firstIndex))
                .setPromptId(r.getPromptId())
                .setRun(r.getRun())
                .setRound(r.getRound())
                .setRoundSize(r.getRoundSize())
                .setBatch(r.getBatch())
                .setText(r.getText())
                .setNegativePrompt(r.getNegativePrompt())
                .setCategory(r.getCategory())
                .setSeed(r.getSeed())
                .setFirstIndex(firstIndex)
                .setCount(count)
                .setMicroBatch(microBatch)
                .setCandidates(r.getCandidates())
                .setKeep(r.getKeep())
                .setSampling(r.getSampling())
                .setModel(r.getModel())
                .setAdapterVersion(adapter.map(AdapterEvent::getVersion).orElse(0))
                .setAdapter(adapter.map(AdapterEvent::getAdapter).orElse(null))
                .build();
    }
}
