package io.mitune.diffusion.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class RandomStreamTest {
    /** The known-answer vectors of the Random123 library. */
    @Test
    void philoxGivesThePublishedVectors() {
        var out = new int[4];
        Philox.block(0, 0, 0, out);
        assertArrayEquals(new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, out);
        Philox.block(-1, -1, -1, out);
        assertArrayEquals(new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}, out);
        Philox.block(0x299f31d0a4093822L, 0x85a308d3243f6a88L, 0x0370734413198a2eL, out);
        assertArrayEquals(new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}, out);
    }

    @Test
    void normalsHaveMeanZeroAndDeviationOne() {
        var values = new float[200_001];
        new RandomStream(7, 3, 1).fillGaussian(FloatBuffer.wrap(values));
        double sum = 0;
        double squares = 0;
        double fourth = 0;
        for (float v : values) {
            sum += v;
            squares += v * v;
            fourth += Math.pow(v, 4);
        }
        double sigma = 1 / Math.sqrt(values.length);
        assertEquals(0, sum / values.length, 5 * sigma);
        assertEquals(1, squares / values.length, 5 * Math.sqrt(2) * sigma);
        assertEquals(3, fourth / values.length, 5 * Math.sqrt(96) * sigma);
    }

    @Test
    void integersCoverTheirRangeEvenly() {
        var stream = new RandomStream(1, 2, 3);
        var counts = new int[7];
        for (int i = 0; i < 70_000; i++) {
            counts[stream.nextInt(7)]++;
        }
        for (int count : counts) {
            assertEquals(10_000, count, 500);
        }
    }

    @Test
    void everyPartOfTheNameMatters() {
        int first = new RandomStream(1, 2, 3).nextInt();
        assertEquals(first, new RandomStream(1, 2, 3).nextInt());
        assertTrue(
                first != new RandomStream(2, 2, 3).nextInt()
                        && first != new RandomStream(1, 3, 3).nextInt()
                        && first != new RandomStream(1, 2, 4).nextInt());
    }
}
