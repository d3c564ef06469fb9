package io.mitune.workers.generation;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * How much the images of a prompt differ, as they come in.
 *
 * <p>A run that collapses draws ever the same picture for a prompt, whatever the seed, and its
 * score need not tell. With u_1 ... u_n the latents of one prompt, each of length 1, the mean
 * cosine between two of them is (|u_1 + ... + u_n|^2 - n) / (n (n - 1)), so that one sum a prompt
 * is enough. Diversity is 1 minus that, 0 when all are alike, and of an evaluation the mean over
 * its prompts. Not thread-safe.
 */
final class Diversity {
    private final int imagesPerPrompt;
    private final double[][] sums;
    private final int[] seen;
    private final double[] distances;
    private boolean known = true;

    Diversity(int prompts, int imagesPerPrompt) {
        this.imagesPerPrompt = imagesPerPrompt;
        sums = new double[prompts][0];
        seen = new int[prompts];
        distances = new double[prompts];
    }

    /**
     * @param place of the image, those of a prompt side by side
     * @param finite whether it is one
     */
    void add(int place, float[] latents, boolean finite) {
        double squares = 0;
        for (float value : latents) {
            squares += (double) value * value;
        }
        if (!finite || squares == 0) {
            known = false;
        } else {
            add(place / imagesPerPrompt, latents, Math.sqrt(squares));
        }
    }

    /** Mean over prompts; nothing when there is one image of each, or an image failed. */
    OptionalDouble mean() {
        boolean all = Arrays.stream(seen).allMatch(n -> n == imagesPerPrompt);
        return known && all && imagesPerPrompt > 1
                ? Arrays.stream(distances).average()
                : OptionalDouble.empty();
    }

    private void add(int prompt, float[] latents, double length) {
        double[] sum = sums[prompt].length == 0 ? new double[latents.length] : sums[prompt];
        for (int j = 0; j < sum.length; j++) {
            sum[j] += latents[j] / length;
        }
        seen[prompt]++;
        sums[prompt] = sum;
        if (seen[prompt] == imagesPerPrompt) {
            distances[prompt] = distance(sum, imagesPerPrompt);
            sums[prompt] = new double[0]; // they may be large
        }
    }

    private static double distance(double[] sum, int n) {
        double squares = Arrays.stream(sum).map(s -> s * s).sum();
        return n < 2 ? 0 : 1 - (squares - n) / n / (n - 1);
    }
}
