package io.mitune.diffusion.training;

import io.mitune.diffusion.random.RandomStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * The random choices of one pass, on the host.
 *
 * <p>The choices of a slot depend on (seed, step, slot) alone: not on what was drawn before, nor on
 * how a step is cut into passes. So nothing random needs saving, and a resumed run is bit-equal.
 *
 * @param trainSteps one a sample
 * @param dropped whether the sample's caption is replaced by the empty one
 * @param noise standard normals with the noise offset added, [B, C, H, W], direct
 */
record Draw(int[] trainSteps, boolean[] dropped, ByteBuffer noise) {

    /**
     * What to draw.
     *
     * @param seed of the run
     * @param process says which train steps
     * @param loss dropout and noise offset
     * @param channels C
     * @param area H * W
     */
    record Plan(long seed, TrainingProcess process, LossConfig loss, int channels, int area) {}

    static Draw of(Plan plan, long step, int firstSlot, int count) {
        int size = plan.channels() * plan.area();
        var bytes =
                ByteBuffer.allocateDirect(Math.multiplyExact(4 * count, size))
                        .order(ByteOrder.nativeOrder());
        var noise = bytes.asFloatBuffer();
        var trainSteps = new int[count];
        var dropped = new boolean[count];
        for (int i = 0; i < count; i++) {
            var stream = new RandomStream(plan.seed(), step, firstSlot + i);
            trainSteps[i] = plan.process().draw(stream);
            dropped[i] = stream.nextDouble() < plan.loss().captionDropout();
            fillNoise(plan, stream, noise.slice(i * size, size));
        }
        return new Draw(trainSteps, dropped, bytes);
    }

    /** noise += offset * (one normal per channel). */
    private static void fillNoise(Plan plan, RandomStream stream, FloatBuffer noise) {
        stream.fillGaussian(noise.duplicate());
        double strength = plan.loss().noiseOffset();
        if (strength == 0) {
            return;
        }
        var shifts = new float[plan.channels()];
        stream.fillGaussian(FloatBuffer.wrap(shifts));
        for (int i = 0; i < noise.capacity(); i++) {
            noise.put(i, noise.get(i) + (float) (strength * shifts[i / plan.area()]));
        }
    }
}
