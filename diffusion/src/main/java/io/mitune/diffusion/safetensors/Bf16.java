package io.mitune.diffusion.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Widens bf16 data to fp32, exactly: a bf16 is the upper half of the fp32 of the same value.
 *
 * <p>Needed because the tensor engine's Java binding cannot take in bf16. The result is overwritten
 * by the next call, so that loading a model allocates only as much as its largest tensor. Not
 * thread-safe.
 */
public final class Bf16 {
    private ByteBuffer scratch = ByteBuffer.allocateDirect(0);

    /** Direct, in native byte order, valid until the next call. */
    public ByteBuffer widen(ByteBuffer bf16) {
        var from = bf16.duplicate().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
        int bytes = Math.multiplyExact(from.remaining(), 4);
        if (scratch.capacity() < bytes) {
            scratch = ByteBuffer.allocateDirect(bytes);
        }
        var widened = scratch.slice(0, bytes).order(ByteOrder.nativeOrder());
        var to = widened.asIntBuffer();
        while (from.hasRemaining()) {
            to.put(from.get() << 16);
        }
        return widened;
    }
}
