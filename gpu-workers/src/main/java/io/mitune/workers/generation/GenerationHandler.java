package io.mitune.workers.generation;

import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.sampling.ImageGenerator;
import io.mitune.diffusion.sampling.Sample;
import io.mitune.diffusion.sampling.Samples;
import io.mitune.diffusion.sampling.SamplingRequest.Entry;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.LogContext;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.workers.queue.Emitter;
import io.mitune.workers.queue.Outcome;
import io.mitune.workers.queue.TaskHandler;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws and scores a range of candidates of one prompt.
 *
 * <p>A candidate is a function of model, adapter, prompt, settings and index: done twice, a task
 * gives the same blobs and scores, only worker and time differ. Blobs are on the disk before the
 * event that names them. Used by the device's thread.
 */
public final class GenerationHandler implements TaskHandler<GenerationTask, Candidate> {
    private static final Logger log = LoggerFactory.getLogger(GenerationHandler.class);

    private final Workbench bench;
    private final boolean previews;

    /**
     * @param previews whether to decode a picture of each candidate
     */
    public GenerationHandler(Workbench bench, boolean previews) {
        this.bench = bench;
        this.previews = previews;
    }

    @Override
    public Outcome handle(GenerationTask task, Emitter<Candidate> out) {
        return LogContext.of(task.getRun(), task.getPromptId(), () -> work(task, out));
    }

    private Outcome work(GenerationTask task, Emitter<Candidate> out) {
        var refusal = prepare(task);
        if (refusal.isPresent()) {
            return Outcome.rejected("task " + task.getTaskId() + ": " + refusal.get());
        }
        var plan = plan(task);
        var tally = new Tally();
        bench.listener().started(task.getTaskId(), task.getText(), task.getCount());
        new Drawing(generator()::generate, bench.device(), bench.listener(), task.getTaskId(), out)
                .run(
                        plan,
                        task.getCount(),
                        (from, end) -> entries(task, from, end),
                        (first, samples, seconds) ->
                                tally.add(emit(task, first, samples, seconds, out), seconds));
        bench.listener().finished(task.getTaskId(), task.getCount(), tally.seconds);
        log.info(
                "{}: {} candidates {} to {}, adapter {}, best MI {}, {} failed, {} s",
                task.getPromptId(),
                task.getCount(),
                task.getFirstIndex(),
                task.getFirstIndex() + task.getCount() - 1,
                task.getAdapterVersion(),
                "%.3f".formatted(tally.best),
                tally.failed,
                "%.1f".formatted(tally.seconds));
        return Outcome.done();
    }

    /** Checks the task and puts its adapter in place; says what is wrong with it. */
    private Optional<String> prepare(GenerationTask task) {
        String digest = bench.model().digest();
        if (!task.getModel().isEmpty() && !task.getModel().equals(digest)) {
            return Optional.of(
                    "model: expected %s as the task says, this worker has %s"
                            .formatted(task.getModel(), digest));
        }
        if (task.getFirstIndex() < 0) {
            return Optional.of("firstIndex: expected 0 or more, found " + task.getFirstIndex());
        }
        if ((task.getAdapterVersion() == 0) != (task.getAdapter() == null)) {
            return Optional.of(
                    "adapter: expected a file for version %d, found %s"
                            .formatted(
                                    task.getAdapterVersion(),
                                    task.getAdapter() == null ? "none" : "one"));
        }
        try {
            plan(task);
            bench.useAdapter(Optional.ofNullable(task.getAdapter()));
            return Optional.empty();
        } catch (IllegalArgumentException | BlobException e) {
            return Optional.of(e.getMessage());
        }
    }

    private DrawPlan plan(GenerationTask task) {
        return DrawPlan.of(
                bench.model().base(), task.getSampling(), task.getCount(), task.getMicroBatch());
    }

    private ImageGenerator generator() {
        return bench.model().generator();
    }

    private static List<Entry> entries(GenerationTask task, int from, int end) {
        // in the log, "" is to say nothing
        var negative = Optional.of(task.getNegativePrompt()).filter(text -> !text.isEmpty());
        var entries = new ArrayList<Entry>();
        for (int i = from; i < end; i++) {
            long seed = TaskCandidate.seed(task, task.getFirstIndex() + i);
            entries.add(new Entry(task.getText(), negative, seed));
        }
        return entries;
    }

    private List<Candidate> emit(
            GenerationTask task,
            int first,
            Samples samples,
            double seconds,
            Emitter<Candidate> out) {
        var stored = new ArrayList<Supplier<Candidate>>();
        var pictures = previews ? generator().decode(samples) : List.<RgbImage>of();
        double each = seconds / samples.samples().size();
        for (int i = 0; i < samples.samples().size(); i++) {
            int index = task.getFirstIndex() + first + i;
            var sample = samples.samples().get(i);
            var builder = candidate(task, index, samples, each);
            var picture =
                    previews && sample.finite()
                            ? Optional.of(pictures.get(i))
                            : Optional.<RgbImage>empty();
            stored.add(() -> withResult(builder, samples, sample, picture));
        }
        var candidates = SideBySide.get(stored);
        candidates.forEach(candidate -> out.emit(task.getPromptId(), candidate));
        return candidates;
    }

    private Candidate.Builder candidate(
            GenerationTask task, int index, Samples samples, double seconds) {
        return TaskCandidate.of(task, index)
                .setTimesteps(rounded(samples.timesteps()))
                .setMiWeights(weights(samples))
                .setModelDigest(bench.model().digest())
                .setWorker(bench.worker())
                .setSeconds(seconds)
                .setCreatedAt(Instant.now(Clock.systemUTC()));
    }

    private Candidate withResult(
            Candidate.Builder builder, Samples samples, Sample sample, Optional<RgbImage> picture) {
        builder.setMiTerms(floats(sample.terms())).setPaperTerms(floats(sample.paperTerms()));
        double mi = sample.mi().orElse(Double.NaN);
        if (!sample.finite() || !Double.isFinite(mi)) {
            String what = sample.finite() ? "score" : "latents";
            return builder.setMi(Double.NaN)
                    .setFailure(what + ": expected finite numbers, found NaN or infinity")
                    .build();
        }
        var latents = new LatentsBlob.Latents(samples.latentShape().getShape(), sample.latents());
        builder.setMi(mi)
                .setLatents(LatentsBlob.put(bench.blobs(), latents))
                .setSketch(floats(LatentSketch.of(latents)));
        picture.map(p -> bench.blobs().put("previews", "png", Png.encode(p, Map.of())))
                .ifPresent(builder::setPreview);
        return builder.build();
    }

    private static List<Integer> rounded(double[] timesteps) {
        return Arrays.stream(timesteps).mapToObj(t -> (int) Math.round(t)).toList();
    }

    private static List<Float> weights(Samples samples) {
        return Arrays.stream(samples.weights().weights()).mapToObj(w -> (float) w).toList();
    }

    private static List<Float> floats(float[] values) {
        var list = new ArrayList<Float>(values.length);
        for (float value : values) {
            list.add(value);
        }
        return list;
    }

    /** What one log line says of a task. */
    private static final class Tally {
        private double best = Double.NaN;
        private int failed;
        private double seconds;

        void add(List<Candidate> candidates, double deviceSeconds) {
            seconds += deviceSeconds;
            for (var candidate : candidates) {
                if (candidate.getFailure() != null) {
                    failed++;
                } else if (!(best >= candidate.getMi())) {
                    best = candidate.getMi();
                }
            }
        }
    }
}
