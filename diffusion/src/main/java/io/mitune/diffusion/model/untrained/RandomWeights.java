package io.mitune.diffusion.model.untrained;

import io.mitune.diffusion.random.RandomStream;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.diffusion.safetensors.WeightSource;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Weights that are made up when a network asks for them, and remembered.
 *
 * <p>Matrices keep the size of what goes through them (deviation 1 / sqrt of the inputs), norms
 * stay near 1, biases near 0; so a deep network gives finite and varied answers. A key's values
 * follow from the seed and the order of asking. Not thread-safe.
 */
final class RandomWeights implements WeightSource {
    private static final double SPREAD = 0.05;

    private final Path folder;
    private final long seed;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /**
     * @param folder an empty one, for a file per key while the network is built
     */
    RandomWeights(Path folder, long seed) {
        this.folder = folder;
        this.seed = seed;
    }

    /** None: whatever the network asks for is there. */
    @Override
    public Set<String> names() {
        return Set.of();
    }

    @Override
    public Path path(String key) {
        return folder;
    }

    @Override
    public SafetensorsFile fileOf(String key, long... dims) {
        var path = folder.resolve(tensors.size() + ".safetensors");
        var tensor = Tensor.f32(values(key, dims), dims);
        tensors.put(key, tensor);
        SafetensorsWriter.write(path, Map.of(key, tensor), Map.of());
        return SafetensorsFile.open(path);
    }

    /** Everything that was asked for, in one file. */
    void save(Path file) {
        SafetensorsWriter.write(file, tensors, Map.of("format", "pt"));
    }

    private float[] values(String key, long[] dims) {
        int size = 1;
        for (long dim : dims) {
            size = Math.toIntExact(Math.multiplyExact(size, dim));
        }
        var values = new float[size];
        new RandomStream(seed, tensors.size(), 0).fillGaussian(FloatBuffer.wrap(values));
        boolean vector = dims.length == 1;
        double centre = vector && !key.endsWith("bias") ? 1 : 0;
        double spread = vector ? SPREAD : Math.sqrt((double) dims[0] / size);
        for (int i = 0; i < size; i++) {
            values[i] = (float) (centre + spread * values[i]);
        }
        return values;
    }
}
