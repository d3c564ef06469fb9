package io.mitune.app.export.files;

import io.mitune.diffusion.safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** NumPy's file of one fp32 array, format 1.0. Stateless. */
public final class NpyFile {
    private static final int ALIGNMENT = 64;
    private static final int PREAMBLE = 10;

    private NpyFile() {}

    /** The file; the same tensor gives the same bytes. */
    public static byte[] bytes(Tensor tensor) {
        var shape =
                tensor.shape().stream()
                        .map(n -> n + ",")
                        .collect(Collectors.joining(" ", "(", ")"));
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
        var used = PREAMBLE + header.length() + 1;
        var padding = (ALIGNMENT - used % ALIGNMENT) % ALIGNMENT;
        var text = header + " ".repeat(padding) + "\n";
        var data = tensor.data().duplicate();
        var file = ByteBuffer.allocate(PREAMBLE + text.length() + data.remaining());
        file.order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93);
        file.put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) 1).put((byte) 0);
        file.putShort((short) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
        return file.put(data).array();
    }
}
