package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.adapter.AdapterWeights;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fine-tunes an adapter, one optimizer step at a call.
 *
 * <p>A step is a function of the state, the step's number and the samples; nothing random is kept
 * between steps. So a run that is saved, killed and restored ends with the same bits as one that
 * was not (on like hardware and thread count). Memory does not grow with the steps.
 *
 * <p>Several devices share the passes of a step; see {@link DataParallel}. Optimizer, average and
 * checkpoint are on the first, so a state goes on on any devices: with the same bits where they are
 * alike, else equal up to rounding.
 *
 * <p>Not thread-safe; one trainer at a time on a model, whose row norms it keeps.
 */
public final class AdapterTrainer implements AutoCloseable {
    private static final String ADAPTER = "adapter";
    private static final String FIRST_MOMENT = "first_moment";
    private static final String SECOND_MOMENT = "second_moment";
    private static final String AVERAGE = "average";

    private final TrainableModel model;
    private final TrainingConfig config;
    private final TrainingProcess process;
    private final DataParallel devices;
    private final SampleOrder order;
    private final NDManager manager;
    private final NDArray parameters;
    private final AdamW optimizer;
    private final Optional<Ema> ema;
    private TrainerProgress progress = TrainerProgress.START;

    private AdapterTrainer(ReplicatedModel replicas, TrainingConfig config, float[] start) {
        model = replicas.first();
        this.config = config;
        process = TrainingProcess.of(model.base().schedulerConfig(), config);
        devices =
                new DataParallel(
                        replicas, new DenoisingLoss(process), config.gradientCheckpointing());
        order = new SampleOrder(config.seed(), config.batches().samplesPerStep());
        manager = model.manager().newSubManager();
        parameters = manager.create(start);
        optimizer = new AdamW(manager, config.optimizer(), parameters);
        ema =
                config.ema().isPresent()
                        ? Optional.of(new Ema(manager, parameters, config.emaDecay()))
                        : Optional.empty();
        devices.take(parameters);
    }

    /** Starts from the base model: A random by the seed, B = 0. */
    public static AdapterTrainer fresh(TrainableModel model, TrainingConfig config) {
        return fresh(ReplicatedModel.of(model), config);
    }

    /** As above, on several devices. */
    public static AdapterTrainer fresh(ReplicatedModel model, TrainingConfig config) {
        var start = model.first().adapter().initial(config.seed());
        return new AdapterTrainer(model, config, start);
    }

    /** Starts from a stored adapter, with a new optimizer. */
    public static AdapterTrainer from(
            TrainableModel model, TrainingConfig config, AdapterWeights start) {
        return from(ReplicatedModel.of(model), config, start);
    }

    /** As above, on several devices. */
    public static AdapterTrainer from(
            ReplicatedModel model, TrainingConfig config, AdapterWeights start) {
        return new AdapterTrainer(model, config, model.first().adapter().load(start));
    }

    /** Number of the next step, and what was done so far. */
    public TrainerProgress progress() {
        return progress;
    }

    /**
     * Takes the next step on samples of this set.
     *
     * @param step must be {@code progress().step()}: a caller that lost count is told so
     */
    public StepResult trainStep(long step, SampleSet samples) {
        if (step != progress.step()) {
            throw new IllegalArgumentException(
                    "training step: expected %d, found %d".formatted(progress.step(), step));
        }
        int size = config.batches().batchSize();
        var shape = samples.latentShape();
        var plan =
                new Draw.Plan(
                        config.seed(),
                        process,
                        config.loss(),
                        (int) shape[0],
                        (int) (shape[1] * shape[2]));
        return step(
                config.batches().gradientAccumulation(),
                size,
                pass -> {
                    var indices = new int[size];
                    for (int i = 0; i < size; i++) {
                        indices[i] = order.sample(step, pass * size + i, samples.size());
                    }
                    return owner ->
                            samples.batch(owner, indices, Draw.of(plan, step, pass * size, size));
                });
    }

    /** Takes the next step on given batches, all of one size; for comparison with other code. */
    public StepResult trainStep(List<TrainingBatch> batches) {
        int size = batches.get(0).trainSteps().length;
        return step(batches.size(), size, pass -> batches.get(pass)::on);
    }

    private StepResult step(int passes, int size, DataParallel.Passes batches) {
        int samples = passes * size;
        try (var scratch = manager.newSubManager()) {
            var sums = devices.run(scratch, passes, samples, batches);
            var result = devices.onFirst(() -> update(sums, samples));
            if (!result.skipped()) {
                devices.take(parameters);
            }
            progress = progress.after(result);
            return result;
        }
    }

    private StepResult update(DataParallel.Sums sums, int samples) {
        double learningRate = config.learningRate(progress.step());
        double loss = sums.loss().getFloat();
        double norm = GradientNorm.of(sums.gradient());
        boolean skipped = !Double.isFinite(loss) || !Double.isFinite(norm);
        if (!skipped) {
            GradientNorm.clip(sums.gradient(), norm, config.optimizer().maxGradNorm());
            optimizer.step(parameters, sums.gradient(), learningRate);
            ema.ifPresent(e -> e.update(parameters));
        }
        return new StepResult(progress.step(), loss, norm, learningRate, samples, skipped);
    }

    /** Loss and gradient of one batch at the present parameters, which stay as they are. */
    public LossGradient lossAndGradient(TrainingBatch batch) {
        try (var scratch = manager.newSubManager()) {
            var sums = devices.run(scratch, 1, batch.trainSteps().length, pass -> batch::on);
            var gradient = sums.gradient().toFloatArray();
            return new LossGradient(
                    sums.loss().getFloat(), model.adapter().export("gradient", gradient, Map.of()));
        }
    }

    /**
     * The loss of one batch and its derivative by each value of the adapter.
     *
     * @param loss weighted mean over the batch
     * @param gradient in the form of an adapter
     */
    public record LossGradient(double loss, AdapterWeights gradient) {}

    /** The trained adapter: the average if one is kept, else the present values. */
    public AdapterWeights exportAdapter(Map<String, String> metadata) {
        var values = ema.map(Ema::average).orElse(parameters).toFloatArray();
        return model.adapter().export("trainer", values, metadata);
    }

    /**
     * Writes everything that the coming steps depend on, but for model and samples.
     *
     * @param file appears whole or not at all
     * @param caller entries to keep beside it, such as consumed offsets
     */
    public void save(Path file, Map<String, String> caller) {
        var vectors = new LinkedHashMap<String, NDArray>();
        vectors.put(ADAPTER, parameters);
        vectors.put(FIRST_MOMENT, optimizer.firstMoment());
        vectors.put(SECOND_MOMENT, optimizer.secondMoment());
        ema.ifPresent(e -> vectors.put(AVERAGE, e.average()));
        TrainerFile.write(
                file,
                vectors,
                new TrainerFile.Header(
                        progress,
                        optimizer.updates(),
                        ema.map(Ema::updates).orElse(0L),
                        config.essentials(),
                        model.adapter().layout().describe(),
                        caller));
    }

    /**
     * Goes on from a saved state.
     *
     * @return the caller's entries
     * @throws io.mitune.diffusion.safetensors.ModelFileException if the file is damaged, or of a
     *     run with other settings or another model; then the trainer is as before
     */
    public Map<String, String> restore(Path file) {
        var saved = TrainerFile.open(file);
        var header = saved.header();
        saved.requireSame(header, config.essentials(), model.adapter().layout().describe());
        long length = parameters.size();
        try (var scratch = manager.newSubManager()) {
            var adapter = saved.vector(scratch, ADAPTER, length);
            var first = saved.vector(scratch, FIRST_MOMENT, length);
            var second = saved.vector(scratch, SECOND_MOMENT, length);
            if (ema.isPresent()) {
                ema.get().restore(saved.vector(scratch, AVERAGE, length), header.emaUpdates());
            }
            adapter.copyTo(parameters);
            optimizer.restore(first, second, header.optimizerUpdates());
        }
        devices.take(parameters);
        progress = header.progress();
        return header.caller();
    }

    @Override
    public void close() {
        devices.close();
        manager.close();
    }
}
