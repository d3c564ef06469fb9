package io.mitune.diffusion.adapter;

import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tensors of files as fp32 in host memory, and back.
 *
 * <p>In Java, so that adapters can be read and converted without a tensor engine. Rounds to the
 * nearest, the even one of two, as torch does. Stateless.
 */
final class FloatTensors {
    private FloatTensors() {}

    /** The elements of an F32, F16 or BF16 tensor. */
    static float[] read(SafetensorsFile file, String key) {
        var info = file.info(key);
        var data = file.tensor(key);
        var values = new float[(int) (info.length() / info.type().bytes())];
        switch (info.type()) {
            case F32 -> data.asFloatBuffer().get(values);
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = HalfFloat.toFloat(data.getShort());
                }
            }
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.intBitsToFloat(data.getShort() << 16);
                }
            }
            default ->
                    throw new ModelFileException(
                            file.path(),
                            "key %s: expected F32, F16 or BF16, found %s"
                                    .formatted(key, info.type()));
        }
        return values;
    }

    /** Little-endian elements of this type; {@code key} names them in errors. */
    static ByteBuffer bytes(String key, float[] values, TensorType type) {
        var data = ByteBuffer.allocate(Math.multiplyExact(values.length, type.bytes()));
        data.order(ByteOrder.LITTLE_ENDIAN);
        switch (type) {
            case F32 -> data.asFloatBuffer().put(values);
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    data.putShort(2 * i, half(key, values[i]));
                }
            }
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    data.putShort(2 * i, bfloat(values[i]));
                }
            }
            default -> throw new IllegalArgumentException("not a type of weights: " + type);
        }
        return data;
    }

    private static short half(String key, float value) {
        if (Math.abs(value) >= 65520) {
            throw new IllegalArgumentException(
                    "key %s: expected values below 65520 for F16, found %s; choose another dtype"
                            .formatted(key, value));
        }
        return HalfFloat.ofFloat(value);
    }

    private static short bfloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.isNaN(value)
                ? (short) 0x7fc0
                : (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    static TensorType type(Dtype dtype) {
        return switch (dtype) {
            case FP32 -> TensorType.F32;
            case FP16 -> TensorType.F16;
            case BF16 -> TensorType.BF16;
        };
    }
}
