package io.mitune.diffusion.training;

import io.mitune.diffusion.random.RandomStream;

/**
 * Which sample a slot of a run uses: all samples once in random order, then again in another, so
 * that each is used equally often.
 *
 * <p>A function of (seed, step, slot, number of samples); the last order is kept only to save time.
 * Not thread-safe.
 */
final class SampleOrder {
    private static final int LANE = -1; // slots count from 0

    private final long seed;
    private final int samplesPerStep;
    private int[] order = {};
    private long orderEpoch = -1;

    SampleOrder(long seed, int samplesPerStep) {
        this.seed = seed;
        this.samplesPerStep = samplesPerStep;
    }

    /**
     * @param count samples to choose from
     * @return index of the sample, from 0
     */
    int sample(long step, int slot, int count) {
        long position = step * samplesPerStep + slot;
        long epoch = position / count;
        if (epoch != orderEpoch || order.length != count) {
            order = shuffled(epoch, count);
            orderEpoch = epoch;
        }
        return order[(int) (position % count)];
    }

    private int[] shuffled(long epoch, int count) {
        var stream = new RandomStream(seed, epoch, LANE);
        var shuffled = new int[count];
        for (int i = 0; i < count; i++) { // Fisher and Yates, inside out
            int j = stream.nextInt(i + 1);
            shuffled[i] = shuffled[j];
            shuffled[j] = i;
        }
        return shuffled;
    }
}
