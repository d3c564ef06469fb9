package io.mitune.workers.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.workers.generation.LatentsBlob.Latents;
import org.junit.jupiter.api.Test;

class LatentSketchTest {
    @Test
    void averagesCellsAndDividesByTheLength() {
        // 16 channels: 2 x 2 cells of a 3 x 2 picture: rows 0 and 1..2, columns 0 and 1
        var values = new float[16 * 6];
        values[0] = 3; // channel 0, row 0, column 0
        values[6 + 3] = 2; // channel 1, row 1, column 1
        values[6 + 5] = 6; // channel 1, row 2, column 1: the same cell
        var sketch = LatentSketch.of(new Latents(new long[] {16, 3, 2}, values));
        var expected = new float[64];
        expected[0] = 0.6f;
        expected[7] = 0.8f;
        assertArrayEquals(expected, sketch);
    }

    @Test
    void everyFamilyHas64Numbers() {
        for (int channels : new int[] {4, 16}) {
            var values = new float[channels * 30 * 20];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Math.sin(i);
            }
            var sketch = LatentSketch.of(new Latents(new long[] {channels, 30, 20}, values));
            double length = 0;
            for (float number : sketch) {
                length += number * number;
            }
            assertEquals(64, sketch.length);
            assertEquals(1, length, 1e-6);
        }
    }

    @Test
    void whatCannotBeComparedHasNone() {
        assertEquals(0, LatentSketch.of(new Latents(new long[] {4, 8, 8}, new float[256])).length);
        assertEquals(0, LatentSketch.of(new Latents(new long[] {4, 3, 8}, new float[96])).length);
        assertEquals(0, LatentSketch.of(new Latents(new long[] {65, 1, 1}, new float[65])).length);
    }
}
