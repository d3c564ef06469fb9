package io.mitune.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.adapter.MergedAdapter;
import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.sampling.ImageGenerator;
import io.mitune.diffusion.sampling.Samples;
import io.mitune.diffusion.sampling.SamplingListener;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stable Diffusion XL all the way: draw, keep, train, restore, write the adapter, draw with it. */
class SdxlTrainingTest {
    private static final Path MODEL = ParityCase.of("xl-fp32").model();
    private static final List<String> PROMPTS = List.of("the red cat", "a blue dog");
    private static final int STEPS = 6;

    @TempDir Path folder;

    @Test
    void anAdapterIsTrainedOnWhatTheModelDrewAndChangesWhatItDraws() {
        var config = config();
        var file = folder.resolve(AdapterFile.DIFFUSERS_NAME);
        try (var model = TrainableModel.load(MODEL, Device.cpu(), config);
                var samples = samples(model.base());
                var whole = AdapterTrainer.fresh(model, config)) {
            var losses = steps(whole, samples, 0, STEPS);
            assertTrue(losses.stream().allMatch(l -> Double.isFinite(l) && l > 0), "" + losses);
            var adapter = whole.exportAdapter(Map.of());
            assertEquals(losses, restored(model, config, samples));
            AdapterFile.writeDiffusers(file, adapter);
        }
        var slot = new MergedAdapter(Dtype.FP32);
        try (var model = StableDiffusion.load(MODEL, LoadOptions.plain().with(slot))) {
            var before = draw(model);
            slot.merge(AdapterFile.read(file));
            var after = draw(model);
            double change = ParityCase.relativeError(latents(before), latents(after));
            assertTrue(change > 1e-3, "relative change " + change);
            slot.clear();
            assertArrayEquals(latents(before), latents(draw(model)));
        }
    }

    /** Losses of a run that stops half way, without checkpointing as against with it. */
    private List<Double> restored(TrainableModel model, TrainingConfig config, SampleSet samples) {
        var state = folder.resolve("state.safetensors");
        var losses = new ArrayList<Double>();
        try (var first = AdapterTrainer.fresh(model, config)) {
            losses.addAll(steps(first, samples, 0, STEPS / 2));
            first.save(state, Map.of());
        }
        var plain = config.with(c -> c.gradientCheckpointing = !config.gradientCheckpointing());
        try (var second = AdapterTrainer.fresh(model, plain)) {
            second.restore(state);
            losses.addAll(steps(second, samples, STEPS / 2, STEPS));
        }
        return losses;
    }

    private static List<Double> steps(AdapterTrainer trainer, SampleSet samples, int from, int to) {
        var losses = new ArrayList<Double>();
        for (int i = from; i < to; i++) {
            losses.add(trainer.trainStep(i, samples).loss());
        }
        return losses;
    }

    /** Captions are dropped now and then: hidden states and pooled text together. */
    private static TrainingConfig config() {
        return TrainingConfig.official(Family.SDXL)
                .with(
                        c -> {
                            c.adapter = new DoraConfig(2, 2, DoraConfig.ATTENTION, true);
                            c.optimizer = OptimizerConfig.defaults().withLearningRate(1e-2);
                            c.loss = new LossConfig(5, 0.1, 0.3);
                            c.batches = new BatchPlan(2, 2, STEPS);
                        });
    }

    private static SampleSet samples(StableDiffusion model) {
        var drawn = draw(model);
        long[] shape = drawn.latentShape().getShape();
        var samples = new ArrayList<TrainingSample>();
        for (int i = 0; i < drawn.samples().size(); i++) {
            var caption = EncodedCaption.of(model, PROMPTS.get(i / 2));
            samples.add(new TrainingSample(drawn.samples().get(i).latents(), shape, caption));
        }
        return SampleSet.upload(model.manager(), samples, EncodedCaption.of(model, ""));
    }

    /** Two candidates of each prompt, with a score. */
    private static Samples draw(StableDiffusion model) {
        var settings = new SamplingSettings(SchedulerKind.DDPM, 4, 3, Score.OFFICIAL, 2);
        var entries = new ArrayList<SamplingRequest.Entry>();
        for (int i = 0; i < 2 * PROMPTS.size(); i++) {
            entries.add(new SamplingRequest.Entry(PROMPTS.get(i / 2), Optional.empty(), i));
        }
        try (var generator = new ImageGenerator(model)) {
            var request = new SamplingRequest(entries, settings, 0, 0);
            var samples = generator.generate(request, SamplingListener.NONE);
            samples.samples().forEach(s -> assertTrue(s.mi().getAsDouble() > 0));
            return samples;
        }
    }

    private static float[] latents(Samples samples) {
        int size = Math.toIntExact(samples.latentShape().size());
        var all = new float[samples.samples().size() * size];
        for (int i = 0; i < samples.samples().size(); i++) {
            System.arraycopy(samples.samples().get(i).latents(), 0, all, i * size, size);
        }
        return all;
    }
}
