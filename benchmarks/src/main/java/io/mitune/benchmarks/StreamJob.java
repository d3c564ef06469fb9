package io.mitune.benchmarks;

import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.sampling.ImageGenerator;
import java.util.Arrays;
import java.util.Map;

/**
 * What the stream costs: the time from publishing prompts to the last curated sample, against the
 * time the model needs for the same candidates and their previews in the same process.
 *
 * <p>Start-up is left out on both sides; the two take turns, and medians are compared.
 */
final class StreamJob {
    private final Settings settings;

    StreamJob(Settings settings) {
        this.settings = settings;
    }

    Measurement run() {
        try (var stream = MiniStream.start(settings);
                var model = StableDiffusion.load(settings.model(), settings.loading());
                var generator = new ImageGenerator(model)) {
            stream.round("warm-up", settings.warmUp());
            modelOnly(generator, settings.warmUp());
            double[] over = new double[settings.repeat()];
            double[] pure = new double[settings.repeat()];
            for (int i = 0; i < over.length; i++) {
                String run = "run-" + i;
                pure[i] = Measurement.seconds(() -> modelOnly(generator, settings));
                over[i] = Measurement.seconds(() -> stream.round(run, settings));
            }
            double seconds = median(over);
            var more = Map.of("model_seconds", median(pure), "ratio", seconds / median(pure));
            return new Measurement(seconds, settings.prompts() * settings.count(), more);
        }
    }

    private static void modelOnly(ImageGenerator generator, Settings s) {
        for (int p = 0; p < s.prompts(); p++) {
            long firstSeed = (long) p * s.count();
            generator.decode(Job.generate(generator, s.candidates(firstSeed)));
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
