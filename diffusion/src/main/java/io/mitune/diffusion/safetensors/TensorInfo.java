package io.mitune.diffusion.safetensors;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One entry of a safetensors header.
 *
 * @param type element type
 * @param shape dimensions, outermost first; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end one past the last byte
 */
public record TensorInfo(TensorType type, List<Long> shape, long begin, long end) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** Length of the data in bytes. */
    public long length() {
        return end - begin;
    }

    /** The shape as DJL takes it. */
    public long[] dims() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    static String show(long... dims) {
        return Arrays.stream(dims)
                .mapToObj(Long::toString)
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
