package io.mitune.diffusion.safetensors;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;

/**
 * A tensor that is made when its turn to be written comes, so that a file may be larger than the
 * memory.
 *
 * @param type element type
 * @param shape dimensions, outermost first
 * @param data makes the little-endian elements; called once
 */
public record LazyTensor(TensorType type, List<Long> shape, Supplier<ByteBuffer> data) {
    public LazyTensor {
        shape = List.copyOf(shape);
    }

    static LazyTensor of(Tensor tensor) {
        return new LazyTensor(tensor.type(), tensor.shape(), () -> tensor.data().duplicate());
    }

    long length() {
        return shape.stream().reduce((long) type.bytes(), Math::multiplyExact);
    }
}
