package io.mitune.diffusion.safetensors;

import com.sun.jna.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory in which a tensor waits while it is converted; the next tensor takes the same place.
 *
 * <p>Loading a model then needs no more than its weights and the largest tensor once. The memory is
 * native and goes with {@link #close}, not when the garbage collector finds it. Not thread-safe.
 */
public final class Staging implements AutoCloseable {
    private Memory raw; // null before the first tensor
    private Memory widened; // null before the first in bf16

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
        raw = holding(bytes, raw);
        var data = file.read(name, raw.getByteBuffer(0, bytes)).order(ByteOrder.LITTLE_ENDIAN);
        return info.type() == TensorType.BF16 ? widen(data) : data;
    }

    private static Memory holding(int bytes, Memory before) {
        if (before != null && bytes <= before.size()) {
            return before;
        }
        free(before);
        return new Memory(Math.max(1, bytes));
    }

    /** A bf16 is the upper half of the fp32 of the same value. */
    private ByteBuffer widen(ByteBuffer bf16) {
        int bytes = 2 * bf16.remaining();
        widened = holding(bytes, widened);
        var result = widened.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
        var from = bf16.asShortBuffer();
        var to = result.asIntBuffer();
        while (from.hasRemaining()) {
            to.put(from.get() << 16);
        }
        return result;
    }

    @Override
    public void close() {
        free(raw);
        free(widened);
        raw = null;
        widened = null;
    }

    private static void free(Memory memory) {
        if (memory != null) {
            memory.close();
        }
    }
}
