package io.mitune.workers.generation;

import io.mitune.workers.generation.LatentsBlob.Latents;

/**
 * Latents in at most 64 numbers, so that pictures can be compared without reading blobs.
 *
 * <p>With g the whole part of sqrt(64 / C), each channel is cut into g x g cells (cell i of H rows
 * goes from floor(i H / g) to floor((i + 1) H / g), columns alike) and each cell is averaged; the C
 * g g means, channel by channel, are divided by their length. Sums are in double, the result in
 * float. The cosine of two sketches is their inner product. Pure.
 */
final class LatentSketch {
    private static final int MAX_NUMBERS = 64;

    private LatentSketch() {}

    /** The sketch; empty where there are more than 64 channels or fewer rows than cells. */
    static float[] of(Latents latents) {
        int channels = (int) latents.shape()[0];
        int height = (int) latents.shape()[1];
        int width = (int) latents.shape()[2];
        int grid = (int) Math.sqrt(MAX_NUMBERS / (double) channels);
        if (grid < 1 || height < grid || width < grid) {
            return new float[0];
        }
        var means = new double[channels * grid * grid];
        double squares = 0;
        for (int n = 0; n < means.length; n++) {
            int row = n / grid % grid;
            int column = n % grid;
            double sum = 0;
            int count = 0;
            for (int y = row * height / grid; y < (row + 1) * height / grid; y++) {
                for (int x = column * width / grid; x < (column + 1) * width / grid; x++) {
                    sum += latents.values()[(n / (grid * grid) * height + y) * width + x];
                    count++;
                }
            }
            means[n] = sum / count;
            squares += means[n] * means[n];
        }
        return scaled(means, Math.sqrt(squares));
    }

    private static float[] scaled(double[] means, double length) {
        var sketch = new float[length > 0 && Double.isFinite(length) ? means.length : 0];
        for (int n = 0; n < sketch.length; n++) {
            sketch[n] = (float) (means[n] / length);
        }
        return sketch;
    }
}
