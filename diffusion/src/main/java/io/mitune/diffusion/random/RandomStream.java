package io.mitune.diffusion.random;

import java.nio.FloatBuffer;

/**
 * The random numbers of one place in a computation, named by key, position and lane.
 *
 * <p>Streams with different names are independent; a stream with the same name gives the same
 * numbers, bit for bit, on every platform ({@link StrictMath}). Not thread-safe; make one where it
 * is needed.
 */
public final class RandomStream {
    private static final double SCALE = 0x1p-32;

    private final long key;
    private final long position;
    private final int lane;
    private final int[] words = new int[4];
    private int block;
    private int used = 4;

    /**
     * @param key the seed
     * @param position where: a step, or a hash of a name
     * @param lane what for, at this position
     */
    public RandomStream(long key, long position, int lane) {
        this.key = key;
        this.position = position;
        this.lane = lane;
    }

    /** 32 random bits. */
    public int nextInt() {
        if (used == 4) {
            Philox.block(key, (long) lane << 32 | block++ & 0xFFFFFFFFL, position, words);
            used = 0;
        }
        return words[used++];
    }

    /** Uniform in [0, bound), with a bias below bound / 2^32. */
    public int nextInt(int bound) {
        return (int) ((nextInt() & 0xFFFFFFFFL) * bound >>> 32);
    }

    /** Uniform in (0, 1), never an end. */
    public double nextDouble() {
        return ((nextInt() & 0xFFFFFFFFL) + 0.5) * SCALE;
    }

    /** One standard normal number, of two words. */
    public double nextGaussian() {
        var one = FloatBuffer.allocate(1);
        fillGaussian(one);
        return one.get(0);
    }

    /** Fills the buffer with standard normals, two from two words (Box and Muller 1958). */
    public void fillGaussian(FloatBuffer out) {
        while (out.hasRemaining()) {
            double radius = StrictMath.sqrt(-2 * StrictMath.log(nextDouble()));
            double angle = 2 * Math.PI * nextDouble();
            out.put((float) (radius * StrictMath.cos(angle)));
            if (out.hasRemaining()) {
                out.put((float) (radius * StrictMath.sin(angle)));
            }
        }
    }
}
