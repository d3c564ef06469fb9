package io.mitune.diffusion.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory in which a tensor waits while it is converted; the next tensor takes the same place.
 *
 * <p>Loading a model then needs no more than its weights and the largest tensor once. Not
 * thread-safe.
 */
public final class Staging {
    private ByteBuffer raw = ByteBuffer.allocateDirect(0);
    private ByteBuffer widened = ByteBuffer.allocateDirect(0);

    /**
     * The elements of a tensor, in fp32 where they are stored as bf16, which the tensor engine's
     * Java binding cannot take in. Direct, in native byte order, valid until the next call.
     */
    public ByteBuffer load(SafetensorsFile file, String name) {
        var info = file.info(name);
        if (info.length() > Integer.MAX_VALUE / 2) {
            throw new ModelFileException(
                    file.path(),
                    "key %s: %d bytes, expected at most 1 GiB".formatted(name, info.length()));
        }
        int bytes = (int) info.length();
        if (raw.capacity() < bytes) {
            raw = ByteBuffer.allocateDirect(bytes);
        }
        var data = file.read(name, raw.slice(0, bytes)).order(ByteOrder.LITTLE_ENDIAN);
        return info.type() == TensorType.BF16 ? widen(data) : data;
    }

    /** A bf16 is the upper half of the fp32 of the same value. */
    private ByteBuffer widen(ByteBuffer bf16) {
        int bytes = 2 * bf16.remaining();
        if (widened.capacity() < bytes) {
            widened = ByteBuffer.allocateDirect(bytes);
        }
        var result = widened.slice(0, bytes).order(ByteOrder.nativeOrder());
        var from = bf16.asShortBuffer();
        var to = result.asIntBuffer();
        while (from.hasRemaining()) {
            to.put(from.get() << 16);
        }
        return result;
    }
}
