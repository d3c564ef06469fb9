package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.diffusion.safetensors.WeightFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Hand-written weights for a layer under test. */
final class TinyWeights {
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Path file;

    TinyWeights(Path dir) {
        file = dir.resolve("tiny.safetensors");
    }

    TinyWeights with(String key, float[] values, long... shape) {
        tensors.put(key, Tensor.f32(values, shape));
        return this;
    }

    TinyWeights with(String key, Tensor tensor) {
        tensors.put(key, tensor);
        return this;
    }

    Weights open(NDManager manager, Dtype dtype) {
        return open(manager, dtype, Adapters.NONE);
    }

    Weights open(NDManager manager, Dtype dtype, Adapters adapters) {
        SafetensorsWriter.write(file, tensors, Map.of());
        return Weights.of(WeightFiles.open(file), manager, dtype, adapters);
    }
}
