package io.mitune.workers.generation;

import io.mitune.diffusion.sampling.ImageGenerator;
import io.mitune.diffusion.sampling.Samples;
import io.mitune.diffusion.sampling.SamplingListener;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.WorkerListener;
import io.mitune.workers.queue.Emitter;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws the samples of one task, micro-batch by micro-batch.
 *
 * <p>The split follows from the task alone, so a task that comes again gives the same bits. Where a
 * micro-batch does not fit the device's memory it is halved, for the rest of the task: a worker
 * that works slowly is better than none. The device is let go between micro-batches. Used by one
 * thread.
 */
final class Drawing {
    private static final Logger log = LoggerFactory.getLogger(Drawing.class);

    private final Model model;
    private final DeviceLock device;
    private final WorkerListener listener;
    private final String taskId;
    private final Emitter<?> out;

    Drawing(
            Model model,
            DeviceLock device,
            WorkerListener listener,
            String taskId,
            Emitter<?> out) {
        this.model = model;
        this.device = device;
        this.listener = listener;
        this.taskId = taskId;
        this.out = out;
    }

    /** What draws: {@link ImageGenerator#generate}. */
    interface Model {
        Samples generate(SamplingRequest request, SamplingListener listener);
    }

    /** Takes each micro-batch while the device is still ours. */
    interface Sink {
        /**
         * Where this runs out of memory its samples come again, so it must not have counted them.
         *
         * @param first index of its first sample in the task
         * @param samples what was drawn
         * @param seconds device seconds
         */
        void accept(int first, Samples samples, double seconds);
    }

    /** Says what samples from to end are. */
    interface Entries {
        List<SamplingRequest.Entry> of(int from, int end);
    }

    /** Draws {@code total} samples. */
    void run(DrawPlan plan, int total, Entries entries, Sink sink) {
        int size = plan.settings().microBatch();
        int first = 0;
        while (first < total) {
            out.checkpoint();
            int from = first;
            int end = Math.min(total, first + size);
            try {
                device.run(
                        () -> {
                            long begin = System.nanoTime();
                            var samples =
                                    model.generate(
                                            plan.request(entries.of(from, end)),
                                            new Progress(from, end - from, total));
                            sink.accept(from, samples, (System.nanoTime() - begin) / 1e9);
                        });
                first = end;
            } catch (RuntimeException | OutOfMemoryError e) {
                if (size == 1 || !isOutOfMemory(e)) {
                    throw e;
                }
                size = (size + 1) / 2;
                log.warn("{}: out of memory; micro-batches of {} from here", taskId, size);
            }
        }
    }

    /** libtorch has no type for it: "CUDA out of memory", "can't allocate memory". */
    static boolean isOutOfMemory(Throwable error) {
        if (error instanceof OutOfMemoryError) {
            return true;
        }
        String message = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("out of memory")
                || message.contains("can't allocate memory")
                || message.contains("not enough memory");
    }

    /** Passes progress on and lets a stopping worker out between two denoiser calls. */
    private final class Progress implements SamplingListener {
        private final int first;
        private final int count;
        private final int total;

        Progress(int first, int count, int total) {
            this.first = first;
            this.count = count;
            this.total = total;
        }

        @Override
        public void progress(long done, long of) {
            long steps = of / count;
            listener.progress(taskId, first * steps + done, total * steps);
        }

        @Override
        public boolean cancelled() {
            out.checkpoint();
            return false;
        }
    }
}
