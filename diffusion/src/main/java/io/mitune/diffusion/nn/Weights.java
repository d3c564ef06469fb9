package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.safetensors.Bf16;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeSet;

/**
 * The weights of one network while it is built: read once each, by path and expected shape.
 *
 * <p>The shapes follow from the network's configuration, and a key that the code did not ask for is
 * an error too, so a file that does not belong to the configuration is noticed while it is loaded
 * and not by a strange picture.
 *
 * <p>Arrays belong to the manager given at the root and live as long as it does. Not thread-safe.
 */
public final class Weights {
    private final Root root;
    private final String prefix;

    private record Root(
            WeightFiles files,
            NDManager manager,
            Dtype dtype,
            Adapters adapters,
            TreeSet<String> unread,
            Bf16 bf16) {}

    private Weights(Root root, String prefix) {
        this.root = root;
        this.prefix = prefix;
    }

    public static Weights of(WeightFiles files, NDManager manager, Dtype dtype, Adapters adapters) {
        return new Weights(
                new Root(files, manager, dtype, adapters, new TreeSet<>(files.names()), new Bf16()),
                "");
    }

    /** The weights below {@code name}. */
    public Weights in(String name) {
        return new Weights(root, prefix + name + ".");
    }

    public Weights in(int index) {
        return in(Integer.toString(index));
    }

    /** Path below the network's root, without a final dot. */
    public String path() {
        return prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
    }

    public Dtype dtype() {
        return root.dtype();
    }

    public Adapters adapters() {
        return root.adapters();
    }

    /**
     * Whether to build networks from {@link OneDnn}'s operators: on the CPU, without adapters,
     * since no gradient flows through them.
     */
    public boolean fused() {
        return root.adapters() == Adapters.NONE
                && root.dtype() != Dtype.FP16
                && !root.manager().getDevice().isGpu()
                && OneDnn.available();
    }

    /**
     * The weight in the network's dtype. An fp32 weight of an fp32 network on the CPU is the mapped
     * file itself, not a copy.
     *
     * @throws ModelFileException if the key is missing or has another shape
     */
    public NDArray get(String name, long... shape) {
        var key = prefix + name;
        var file = root.files().fileOf(key);
        var info = file.info(key);
        if (!Arrays.equals(info.dims(), shape)) {
            throw new ModelFileException(
                    file.path(),
                    "key %s: expected shape %s, found %s"
                            .formatted(key, Arrays.toString(shape), info.shape()));
        }
        root.unread().remove(key);
        var data = file.tensor(key);
        var djlShape = new Shape(shape);
        return switch (info.type()) {
            case F32 -> loaded(data, djlShape, DataType.FLOAT32, root.dtype() == Dtype.FP32);
            case F16 -> loaded(data, djlShape, DataType.FLOAT16, root.dtype() == Dtype.FP16);
            case BF16 -> loaded(root.bf16().widen(data), djlShape, DataType.FLOAT32, false);
            default ->
                    throw new ModelFileException(
                            file.path(),
                            "key %s: expected dtype F32, F16 or BF16, found %s"
                                    .formatted(key, info.type()));
        };
    }

    private NDArray loaded(ByteBuffer data, Shape shape, DataType type, boolean asItIs) {
        var array = root.manager().create(data, shape, type);
        if (asItIs) {
            return array;
        }
        try (array) {
            return root.dtype().copyOf(array);
        }
    }

    /** As {@link #get}, for the weight of a convolution, with the channels innermost in memory. */
    public NDArray channelsLast(String name, long... shape) {
        try (var array = get(name, shape)) {
            return Ops.channelsLast(array);
        }
    }

    /** As {@link #get}, for a 1 x 1 convolution, as the matrix [out, in] that it is. */
    public NDArray pointwise(String name, long out, long in) {
        return get(name, out, in, 1, 1).reshape(out, in);
    }

    /**
     * Whether the file has the key. Only for what older writers call otherwise: the structure of a
     * network never follows from what happens to be in its file.
     */
    public boolean holds(String name) {
        return root.files().names().contains(prefix + name);
    }

    /** Declares keys below this path that the code knows and does not need. */
    public void ignore(String name) {
        root.unread().remove(prefix + name);
    }

    /**
     * Ends construction.
     *
     * @throws ModelFileException if a key was never asked for
     */
    public void requireAllRead() {
        if (!root.unread().isEmpty()) {
            var key = root.unread().first();
            throw new ModelFileException(
                    root.files().fileOf(key).path(),
                    "unread key %s (and %d more), expected none; does config.json belong to it?"
                            .formatted(key, root.unread().size() - 1));
        }
    }
}
