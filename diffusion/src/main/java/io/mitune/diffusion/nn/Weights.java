package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.Staging;
import io.mitune.diffusion.safetensors.TensorType;
import io.mitune.diffusion.safetensors.WeightSource;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

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
            WeightSource source,
            NDManager manager,
            Dtype dtype,
            Adapters adapters,
            TreeSet<String> unread,
            Staging staging) {}

    private Weights(Root root, String prefix) {
        this.root = root;
        this.prefix = prefix;
    }

    public static Weights of(
            WeightSource source, NDManager manager, Dtype dtype, Adapters adapters) {
        return new Weights(
                new Root(
                        source,
                        manager,
                        dtype,
                        adapters,
                        new TreeSet<>(source.names()),
                        new Staging()),
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
     * Whether to build networks from {@link OneDnn}'s operators: on the CPU, unless it is trained,
     * since no gradient flows through them.
     */
    public boolean fused() {
        return !root.adapters().trains()
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
        var file = checked(key, shape);
        var type = file.info(key).type();
        return asStored(type)
                ? root.manager().create(file.tensor(key), new Shape(shape), arrayType(file, key))
                : Torch.lasting(() -> converted(root.staging(), file, key, shape));
    }

    /**
     * The weight as {@link #get} has it, read from the file whenever it is asked for: for those who
     * keep something made from it. Whether it is there is checked at once.
     *
     * @return gives a new copy, owned by the root's manager, at each call
     */
    public Supplier<NDArray> source(String name, long... shape) {
        var key = prefix + name;
        var file = checked(key, shape);
        arrayType(file, key);
        return () -> {
            try (var staging = new Staging()) {
                return Torch.lasting(() -> converted(staging, file, key, shape));
            }
        };
    }

    /**
     * A copy of the weight in another layout.
     *
     * @param layout copies its argument, which is gone afterwards
     */
    public NDArray relaid(UnaryOperator<NDArray> layout, String name, long... shape) {
        var key = prefix + name;
        var file = checked(key, shape);
        var type = file.info(key).type();
        return Torch.lasting(
                () -> {
                    var staging = root.staging();
                    try (var array =
                            asStored(type)
                                    ? staged(staging, file, key, shape)
                                    : converted(staging, file, key, shape)) {
                        return layout.apply(array);
                    }
                });
    }

    private SafetensorsFile checked(String key, long... shape) {
        var file = root.source().fileOf(key, shape);
        root.unread().remove(key);
        return file;
    }

    private boolean asStored(TensorType type) {
        return type == TensorType.F32 && root.dtype() == Dtype.FP32
                || type == TensorType.F16 && root.dtype() == Dtype.FP16;
    }

    private NDArray converted(Staging staging, SafetensorsFile file, String key, long... shape) {
        try (var array = staged(staging, file, key, shape)) {
            return root.dtype().copyOf(array);
        }
    }

    private NDArray staged(Staging staging, SafetensorsFile file, String key, long... shape) {
        var data = Torch.lasting(() -> staging.load(file, key));
        return root.manager().create(data, new Shape(shape), arrayType(file, key));
    }

    /** The type of the array that holds the stored elements, once bf16 is widened. */
    private static DataType arrayType(SafetensorsFile file, String key) {
        var type = file.info(key).type();
        return switch (type) {
            case F32, BF16 -> DataType.FLOAT32;
            case F16 -> DataType.FLOAT16;
            default ->
                    throw new ModelFileException(
                            file.path(),
                            "key %s: expected dtype F32, F16 or BF16, found %s"
                                    .formatted(key, type));
        };
    }

    /**
     * Whether the file has the key. Only for what older writers call otherwise: the structure of a
     * network never follows from what happens to be in its file.
     */
    public boolean holds(String name) {
        return root.source().names().contains(prefix + name);
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
        root.staging().close();
        if (!root.unread().isEmpty()) {
            var key = root.unread().first();
            throw new ModelFileException(
                    root.source().path(key),
                    "unread key %s (and %d more), expected none; does config.json belong to it?"
                            .formatted(key, root.unread().size() - 1));
        }
    }
}
