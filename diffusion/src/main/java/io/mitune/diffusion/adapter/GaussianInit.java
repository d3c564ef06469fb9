package io.mitune.diffusion.adapter;

import io.mitune.diffusion.random.RandomStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * peft's "gaussian" start of A, keyed by (seed, module path): the same whatever else is adapted.
 */
final class GaussianInit {
    private GaussianInit() {}

    /** A with entries of standard deviation 1/r, [rank, in] row-major. */
    static float[] factor(long seed, String path, int rank, int in) {
        var values = new float[rank * in];
        new RandomStream(seed, position(path), 0).fillGaussian(FloatBuffer.wrap(values));
        for (int i = 0; i < values.length; i++) {
            values[i] /= rank;
        }
        return values;
    }

    private static long position(String path) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            return ByteBuffer.wrap(sha.digest(path.getBytes(StandardCharsets.UTF_8))).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
