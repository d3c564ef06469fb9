package io.mitune.app.faults;

import io.mitune.diffusion.model.LoadOptions;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.WorkerListener;
import io.mitune.workers.generation.GenerationHandler;
import io.mitune.workers.generation.Workbench;
import io.mitune.workers.generation.WorkerModel;
import io.mitune.workers.queue.Emitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The candidates of a round, drawn prompt after prompt by the code that draws, without a queue. */
final class BatchDrawing {
    private BatchDrawing() {}

    /** The candidates of each prompt, by index. */
    static List<List<Candidate>> draw(
            Workload work, int round, Optional<BlobRef> adapter, BlobStore blobs) {
        var all = new ArrayList<List<Candidate>>();
        try (var model = WorkerModel.load(Workload.MODEL, LoadOptions.plain())) {
            var bench = new Workbench(model, new DeviceLock(), blobs, "", WorkerListener.NONE);
            var handler = new GenerationHandler(bench, true);
            for (int position = 0; position < work.prompts(); position++) {
                var drawn = new Drawn();
                for (int i = 0; i < work.candidates(); i += Workload.PER_TASK) {
                    handler.handle(task(work, round, position, i, adapter), drawn);
                }
                all.add(drawn.candidates);
            }
        }
        return all;
    }

    private static GenerationTask task(
            Workload work, int round, int position, int first, Optional<BlobRef> adapter) {
        var text = work.texts(round).get(position);
        var promptId = Identity.promptId(Workload.batch(round), position, text);
        return GenerationTask.newBuilder()
                .setTaskId(Identity.taskId(promptId, round, first))
                .setPromptId(promptId)
                .setRun(Workload.RUN)
                .setRound(round)
                .setRoundSize(work.prompts())
                .setBatch(Workload.batch(round))
                .setText(text)
                .setSeed(Workload.SEED)
                .setFirstIndex(first)
                .setCount(Math.min(Workload.PER_TASK, work.candidates() - first))
                .setMicroBatch(Workload.PER_TASK)
                .setCandidates(work.candidates())
                .setKeep(Workload.KEEP)
                .setSampling(Workload.sampling())
                .setAdapterVersion(adapter.isPresent() ? round - 1 : 0)
                .setAdapter(adapter.orElse(null))
                .build();
    }

    private static final class Drawn implements Emitter<Candidate> {
        private final List<Candidate> candidates = new ArrayList<>();

        @Override
        public void emit(String key, Candidate value) {
            candidates.add(value);
        }

        @Override
        public void checkpoint() {
            // nobody stops an oracle
        }
    }
}
