package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.scheduler.Scheduler;
import io.mitune.diffusion.scheduler.SchedulerConfig;
import io.mitune.diffusion.scheduler.Schedulers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Draws samples in micro-batches and, where asked, scores them on the way.
 *
 * <p>Micro-batches are cut from the front, {@code microBatch} samples each, so a request is split
 * the same way whenever it is repeated. A sample that turns into NaN is reported as such and does
 * not disturb its neighbours. Results lie on the heap; nothing is left in the caller's manager.
 *
 * <p>Not thread-safe: one tensor job at a time on a device.
 */
public final class Sampler {
    private final NDManager manager;
    private final Predictor predictor;
    private final SchedulerConfig config;

    /**
     * @param manager parent of all arrays; decides the device
     * @param predictor the model
     * @param config of the model's directory
     */
    public Sampler(NDManager manager, Predictor predictor, SchedulerConfig config) {
        this.manager = manager;
        this.predictor = predictor;
        this.config = config;
    }

    /**
     * Draws one sample per spec.
     *
     * @param latent C, H, W
     * @throws java.util.concurrent.CancellationException when the listener asks to stop
     */
    public Samples sample(
            SamplingSettings settings,
            Shape latent,
            List<SampleSpec> specs,
            SamplingListener listener) {
        checkStarts(specs, latent);
        var scheduler = Schedulers.create(settings.scheduler(), config, settings.steps(), latent);
        var weights =
                MiWeights.of(settings.score(), config, settings.scheduler(), scheduler.timesteps());
        checkWindow(settings, weights);
        var loop = new DenoisingLoop(predictor, scheduler, settings);
        var samples = new ArrayList<Sample>(specs.size());
        for (int from = 0; from < specs.size(); from += settings.microBatch()) {
            int to = Math.min(specs.size(), from + settings.microBatch());
            var batch = new MicroBatch(specs.subList(from, to), latent, from, specs.size());
            try (var run = manager.newSubManager()) {
                samples.addAll(draw(loop, batch, weights, run, listener));
            }
        }
        return new Samples(latent, List.copyOf(samples), weights);
    }

    /** Neighbouring samples that go through the model together. */
    private record MicroBatch(List<SampleSpec> specs, Shape latent, int first, int total) {
        int size() {
            return specs.size();
        }

        long[] seeds() {
            return specs.stream().mapToLong(SampleSpec::seed).toArray();
        }
    }

    private List<Sample> draw(
            DenoisingLoop loop,
            MicroBatch batch,
            MiWeights weights,
            NDManager run,
            SamplingListener listener) {
        var settings = loop.settings();
        var observers = new ArrayList<StepObserver>();
        var score = settings.score().wanted() ? MiScore.of(run, weights, settings) : null;
        if (score != null) {
            observers.add(score);
        }
        listener.observer(batch.first(), batch.size()).ifPresent(observers::add);
        boolean bothHalves = settings.guided() || !observers.isEmpty();
        var steps = noisySteps(loop.scheduler());
        try (var noise = new CandidateNoise(run, batch.seeds(), batch.latent(), steps)) {
            var x = start(batch, noise, run);
            x.muli(loop.scheduler().initNoiseSigma());
            var text = text(batch.specs(), bothHalves, run);
            var progress = new BatchProgress(listener, batch.first(), batch.size(), batch.total());
            loop.run(x, text, bothHalves, observers, noise::at, run, progress);
            return results(batch, x.toFloatArray(), score, weights);
        }
    }

    private static int[] noisySteps(Scheduler scheduler) {
        var later =
                IntStream.range(0, scheduler.timesteps().length)
                        .filter(scheduler::needsNoise)
                        .map(i -> i + 1);
        return IntStream.concat(IntStream.of(0), later).toArray();
    }

    private static NDArray start(MicroBatch batch, CandidateNoise noise, NDManager run) {
        var shape = new Shape(batch.size()).addAll(batch.latent());
        int size = Math.toIntExact(batch.latent().size());
        if (batch.specs().stream().allMatch(spec -> spec.start().isEmpty())) {
            try (var first = noise.at(0, run)) {
                return first.duplicate();
            }
        }
        var values = FloatBuffer.allocate(batch.size() * size);
        for (var spec : batch.specs()) {
            spec.start()
                    .ifPresentOrElse(
                            values::put,
                            () -> CandidateNoise.fill(spec.seed(), 0, piece(values, size)));
        }
        return run.create(values.rewind(), shape, DataType.FLOAT32);
    }

    private static FloatBuffer piece(FloatBuffer values, int size) {
        var piece = values.slice(values.position(), size);
        values.position(values.position() + size);
        return piece;
    }

    /**
     * Text embeddings of the batch, the unconditional half first where needed. Runs of samples with
     * the same texts share a row, which spares the model the repeated work.
     */
    private static TextEmbedding text(List<SampleSpec> specs, boolean bothHalves, NDManager run) {
        int shared = sharedBy(specs);
        var rows = new ArrayList<TextEmbedding>();
        for (int i = 0; bothHalves && i < specs.size(); i += shared) {
            rows.add(specs.get(i).unconditional());
        }
        for (int i = 0; i < specs.size(); i += shared) {
            rows.add(specs.get(i).conditional());
        }
        return TextEmbedding.concat(run, rows);
    }

    /** The largest n such that the batch is made of runs of n samples with the same texts. */
    private static int sharedBy(List<SampleSpec> specs) {
        return IntStream.iterate(specs.size(), n -> n > 1, n -> n - 1)
                .filter(n -> specs.size() % n == 0)
                .filter(
                        n ->
                                IntStream.range(0, specs.size())
                                        .allMatch(
                                                i -> specs.get(i).sameTexts(specs.get(i - i % n))))
                .findFirst()
                .orElse(1);
    }

    private static List<Sample> results(
            MicroBatch batch, float[] latents, MiScore score, MiWeights weights) {
        int size = Math.toIntExact(batch.latent().size());
        var terms = score == null ? MiScore.Terms.none(batch.size()) : score.terms();
        var samples = new ArrayList<Sample>(batch.size());
        for (int b = 0; b < batch.size(); b++) {
            var own = Arrays.copyOfRange(latents, b * size, (b + 1) * size);
            var mi =
                    score == null
                            ? OptionalDouble.empty()
                            : OptionalDouble.of(weights.score(terms.asked()[b]));
            samples.add(
                    new Sample(
                            batch.specs().get(b).seed(),
                            own,
                            mi,
                            terms.asked()[b],
                            terms.paper()[b],
                            allFinite(own)));
        }
        return samples;
    }

    private static boolean allFinite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    private static void checkWindow(SamplingSettings settings, MiWeights weights) {
        int steps = weights.timesteps().length;
        if (settings.score().wanted() && IntStream.range(0, steps).noneMatch(weights::inWindow)) {
            throw new IllegalArgumentException(
                    "score: expected steps with %s < t < %s, found none among %d; take more steps"
                            .formatted(weights.cut(), weights.end(), steps));
        }
    }

    private static void checkStarts(List<SampleSpec> specs, Shape latent) {
        if (specs.isEmpty()) {
            throw new IllegalArgumentException("samples: expected at least 1, found 0");
        }
        for (int i = 0; i < specs.size(); i++) {
            var start = specs.get(i).start();
            if (start.isPresent() && start.get().length != latent.size()) {
                throw new IllegalArgumentException(
                        "start latents of sample %d: expected %d values %s, found %d"
                                .formatted(i, latent.size(), latent, start.get().length));
            }
        }
    }

    /** Turns steps of a micro-batch into sample steps of the request. */
    record BatchProgress(SamplingListener listener, int first, int count, int total) {
        void done(int steps, int of) {
            listener.progress((long) first * of + (long) count * steps, (long) total * of);
        }
    }
}
