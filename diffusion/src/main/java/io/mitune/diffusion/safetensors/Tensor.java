package io.mitune.diffusion.safetensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor on its way into a file.
 *
 * @param type element type
 * @param shape dimensions, outermost first
 * @param data little-endian elements, from position to limit; its position is never moved
 */
public record Tensor(TensorType type, List<Long> shape, ByteBuffer data) {
    public Tensor {
        shape = List.copyOf(shape);
        long expected = shape.stream().reduce((long) type.bytes(), Math::multiplyExact);
        if (data.remaining() != expected) {
            throw new IllegalArgumentException(
                    "tensor %s %s: expected %d bytes, found %d"
                            .formatted(type, shape, expected, data.remaining()));
        }
    }

    /** A copy of an fp32 array. */
    public static Tensor f32(NDArray array) {
        if (array.getDataType() != DataType.FLOAT32) {
            throw new IllegalArgumentException(
                    "expected an fp32 array, found " + array.getDataType());
        }
        return f32(array.toFloatArray(), array.getShape().getShape());
    }

    public static Tensor f32(float[] values, long... shape) {
        var data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return new Tensor(TensorType.F32, Arrays.stream(shape).boxed().toList(), data);
    }
}
