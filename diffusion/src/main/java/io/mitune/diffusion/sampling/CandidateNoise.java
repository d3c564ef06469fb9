package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.random.RandomStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The noise of a micro-batch of candidates: x_T is step 0, the noise of sampling step k is step k +
 * 1.
 *
 * <p>A value depends on the candidate's seed, the step and its place in the latent, on nothing
 * else: a candidate is the same in any batch, order, chunk or process, and one lost can be made
 * again alone. All steps are drawn into one direct buffer that the array shares, in chunks of steps
 * when latents are large, so the denoising loop copies nothing.
 *
 * <p>Single-threaded; the drawing itself uses the common pool.
 */
public final class CandidateNoise implements AutoCloseable {
    private static final int LANE = 0; // of RandomStream: this use of a key
    private static final long CHUNK_BYTES = 32 << 20;
    private static final long PARALLEL_FROM = 1 << 16;

    private final NDManager manager;
    private final long[] seeds;
    private final Shape latent;
    private final int[] steps;
    private final int stepsPerChunk;
    private final ByteBuffer buffer;
    private NDArray chunk; // [steps in chunk, B, C, H, W]; null before the first
    private int chunkFrom;

    /**
     * @param owner the arrays' manager; decides the device
     * @param seeds one per candidate
     * @param latent shape of one candidate's noise
     * @param steps the steps that will be asked for, rising
     */
    public CandidateNoise(NDManager owner, long[] seeds, Shape latent, int[] steps) {
        this(owner, seeds, latent, steps, CHUNK_BYTES);
    }

    CandidateNoise(NDManager owner, long[] seeds, Shape latent, int[] steps, long chunkBytes) {
        manager = owner.newSubManager();
        this.seeds = seeds.clone();
        this.latent = latent;
        this.steps = steps.clone();
        long stepBytes = seeds.length * latent.size() * Float.BYTES;
        stepsPerChunk = (int) Math.max(1, Math.min(steps.length, chunkBytes / stepBytes));
        buffer =
                ByteBuffer.allocateDirect(Math.toIntExact(stepsPerChunk * stepBytes))
                        .order(ByteOrder.nativeOrder());
    }

    /** Fills {@code out} with the noise of one candidate at one step. */
    public static void fill(long seed, int step, FloatBuffer out) {
        new RandomStream(seed, step, LANE).fillGaussian(out);
    }

    /**
     * The noise of one step, [B, C, H, W]; its values hold until a later step is asked for.
     *
     * @param into the manager that the array belongs to
     */
    public NDArray at(int step, NDManager into) {
        int place = Arrays.binarySearch(steps, step);
        if (place < 0) {
            throw new IllegalArgumentException("noise: step " + step + " was not announced");
        }
        if (chunk == null || place < chunkFrom || place >= chunkFrom + chunk.getShape().get(0)) {
            draw(place);
        }
        var noise = chunk.get(place - chunkFrom);
        noise.attach(into);
        return noise;
    }

    @Override
    public void close() {
        manager.close();
    }

    private void draw(int from) {
        if (chunk != null) {
            chunk.close();
        }
        int count = Math.min(stepsPerChunk, steps.length - from);
        int size = Math.toIntExact(latent.size());
        var values = buffer.asFloatBuffer();
        var pieces = IntStream.range(0, count * seeds.length);
        if ((long) count * seeds.length * size >= PARALLEL_FROM) {
            pieces = pieces.parallel();
        }
        pieces.forEach(
                piece ->
                        fill(
                                seeds[piece % seeds.length],
                                steps[from + piece / seeds.length],
                                values.slice(piece * size, size)));
        var used = buffer.slice(0, count * seeds.length * size * Float.BYTES);
        var shape = new Shape(count, seeds.length).addAll(latent);
        chunk = manager.create(used.order(ByteOrder.nativeOrder()), shape, DataType.FLOAT32);
        chunkFrom = from;
    }
}
