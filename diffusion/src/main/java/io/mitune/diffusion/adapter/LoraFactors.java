package io.mitune.diffusion.adapter;

/**
 * The adapter of one linear layer in host memory, row-major fp32: what files hold.
 *
 * <p>Kept apart from the trainer's device tensors so that reading, checking and writing an adapter
 * needs no tensor engine. The arrays are not copied: treat them as read-only.
 *
 * @param in columns of the layer's weight
 * @param out rows of the layer's weight
 * @param rank r
 * @param a A, [rank, in]
 * @param b B, [out, rank]
 * @param magnitude m, [out]; empty for plain LoRA
 */
public record LoraFactors(int in, int out, int rank, float[] a, float[] b, float[] magnitude) {

    public LoraFactors {
        requireLength("A", a, (long) rank * in);
        requireLength("B", b, (long) out * rank);
        if (magnitude.length != 0) {
            requireLength("magnitude", magnitude, out);
        }
    }

    /** True if the row magnitudes belong to the adapter. */
    public boolean isDora() {
        return magnitude.length != 0;
    }

    private static void requireLength(String what, float[] values, long expected) {
        if (values.length != expected) {
            throw new IllegalArgumentException(
                    what + ": expected " + expected + " values, found " + values.length);
        }
    }
}
