package io.mitune.workers.generation;

import io.mitune.diffusion.sampling.Samples;
import java.util.Arrays;
import java.util.List;

/** Scores of an evaluation, in nats, as they come in. Not thread-safe. */
final class Scores {
    private final int imagesPerPrompt;
    private final double[] sums;
    private boolean finite = true;
    private double seconds;

    Scores(int prompts, int imagesPerPrompt) {
        this.imagesPerPrompt = imagesPerPrompt;
        sums = new double[prompts];
    }

    /**
     * @param first place of the first sample, images of a prompt side by side
     */
    void add(int first, Samples samples, double deviceSeconds) {
        for (int i = 0; i < samples.samples().size(); i++) {
            var sample = samples.samples().get(i);
            double mi = sample.mi().orElse(Double.NaN);
            finite &= sample.finite() && Double.isFinite(mi);
            sums[(first + i) / imagesPerPrompt] += mi;
        }
        seconds += deviceSeconds;
    }

    /** Mean of each prompt; NaN where an image failed. */
    List<Double> byPrompt() {
        return Arrays.stream(sums).mapToObj(sum -> sum / imagesPerPrompt).toList();
    }

    double mean() {
        return Arrays.stream(sums).sum() / imagesPerPrompt / sums.length;
    }

    /** Of the mean over prompts; 0 for a single prompt, which tells nothing of its spread. */
    double standardError() {
        int n = sums.length;
        if (n < 2) {
            return 0;
        }
        double mean = mean();
        double squares =
                Arrays.stream(sums).map(s -> Math.pow(s / imagesPerPrompt - mean, 2)).sum();
        return Math.sqrt(squares / (n - 1) / n);
    }

    boolean allFinite() {
        return finite;
    }

    double seconds() {
        return seconds;
    }
}
