package io.mitune.benchmarks.queue;

import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.workers.generation.TaskCandidate;
import io.mitune.workers.queue.Emitter;
import io.mitune.workers.queue.Outcome;
import io.mitune.workers.queue.TaskHandler;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * A device that takes a fixed time for each candidate and computes nothing. What it publishes has
 * the size of real candidates: a term and a weight for each step, references to two blobs.
 *
 * @param worker its name in the records
 * @param seconds for each candidate
 */
record SleepingHandler(String worker, double seconds)
        implements TaskHandler<GenerationTask, Candidate> {
    private static final long LOOK_NANOS = 100_000_000;

    @Override
    public Outcome handle(GenerationTask task, Emitter<Candidate> out) {
        for (int from = 0; from < task.getCount(); from += task.getMicroBatch()) {
            int end = Math.min(task.getCount(), from + task.getMicroBatch());
            work((long) ((end - from) * seconds * 1e9), out);
            for (int i = from; i < end; i++) {
                out.emit(task.getPromptId(), candidate(task, task.getFirstIndex() + i));
            }
        }
        return Outcome.done();
    }

    private static void work(long nanos, Emitter<Candidate> out) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            out.checkpoint();
            LockSupport.parkNanos(Math.min(left, LOOK_NANOS));
        }
    }

    private Candidate candidate(GenerationTask task, int index) {
        int steps = task.getSampling().getNumInferenceSteps();
        var candidate = TaskCandidate.of(task, index);
        var id = candidate.getCandidateId();
        long seed = candidate.getSeed();
        return candidate
                .setMi((seed >>> 40) / 1e6)
                .setTimesteps(IntStream.range(0, steps).boxed().toList())
                .setMiTerms(numbers(seed, steps))
                .setMiWeights(numbers(~seed, steps))
                .setLatents(blob(id + "/latents", "safetensors"))
                .setPreview(blob(id + "/preview", "png"))
                .setModelDigest(Identity.sha256(new byte[0]))
                .setWorker(worker)
                .setSeconds(seconds)
                .setCreatedAt(Instant.now())
                .build();
    }

    private static List<Float> numbers(long seed, int n) {
        return IntStream.range(0, n).mapToObj(i -> (float) ((seed >>> (i % 40)) & 1023)).toList();
    }

    private static BlobRef blob(String content, String extension) {
        var sha = Identity.sha256(content.getBytes(StandardCharsets.UTF_8));
        return BlobRef.newBuilder()
                .setPath("previews/" + sha.substring(0, 2) + "/" + sha + "." + extension)
                .setSha256(sha)
                .setSize(16_384)
                .build();
    }
}
