package io.mitune.workers.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DiversityTest {
    @Test
    void isTheMeanCosineDistanceOfAllPairsOfAPromptsImages() {
        var random = new Random(3);
        var latents = new float[6][8];
        for (var image : latents) {
            for (int j = 0; j < image.length; j++) {
                image[j] = (float) random.nextGaussian();
            }
        }
        double expected = 0;
        for (int prompt = 0; prompt < 2; prompt++) {
            for (int[] pair : new int[][] {{0, 1}, {0, 2}, {1, 2}}) {
                var a = latents[3 * prompt + pair[0]];
                var b = latents[3 * prompt + pair[1]];
                expected += (1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))) / 6;
            }
        }
        var diversity = new Diversity(2, 3);
        add(diversity, 0, latents[0], latents[1]);
        add(diversity, 2, latents[2], latents[3], latents[4], latents[5]);
        assertEquals(expected, diversity.mean().orElseThrow(), 1e-12);
    }

    @Test
    void theSamePictureTwiceHasNoneAndBrightnessDoesNotCount() {
        var diversity = new Diversity(1, 2);
        add(diversity, 0, new float[] {1, 2}, new float[] {2, 4});
        assertEquals(0, diversity.mean().orElseThrow(), 1e-12);
    }

    @Test
    void nothingIsSaidOfOneImageOfFailedOnesAndBeforeTheLast() {
        var single = new Diversity(1, 1);
        add(single, 0, new float[] {1, 2});
        assertEquals(OptionalDouble.empty(), single.mean());
        var failed = new Diversity(1, 2);
        add(failed, 0, new float[] {1, 2}, new float[] {Float.NaN, 1});
        assertEquals(OptionalDouble.empty(), failed.mean());
        var early = new Diversity(1, 2);
        add(early, 0, new float[] {1, 2});
        assertEquals(OptionalDouble.empty(), early.mean());
        var zero = new Diversity(1, 2);
        add(zero, 0, new float[] {0, 0}, new float[] {1, 1});
        assertEquals(OptionalDouble.empty(), zero.mean());
    }

    private static void add(Diversity diversity, int first, float[]... images) {
        for (int i = 0; i < images.length; i++) {
            diversity.add(first + i, images[i], !Float.isNaN(images[i][0]));
        }
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += (double) a[j] * b[j];
        }
        return sum;
    }
}
