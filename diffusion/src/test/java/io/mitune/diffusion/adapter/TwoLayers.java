package io.mitune.diffusion.adapter;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.random.RandomStream;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.diffusion.safetensors.WeightFiles;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A network of two linear layers, the smallest that adapters can sit on. */
record TwoLayers(Linear query, Linear out) {
    static final int IN = 20;
    static final int OUT = 28;
    static final String QUERY = "attn1.to_q";
    static final String LAST = "attn1.to_out.0";

    static TwoLayers load(Path folder, NDManager manager, Dtype dtype, Adapters adapters) {
        var file = folder.resolve("two.safetensors");
        var tensors = new LinkedHashMap<String, Tensor>();
        tensors.put(QUERY + ".weight", Tensor.f32(values(1, OUT * IN), OUT, IN));
        tensors.put(LAST + ".weight", Tensor.f32(values(2, IN * OUT), IN, OUT));
        tensors.put(LAST + ".bias", Tensor.f32(values(3, IN), IN));
        SafetensorsWriter.write(file, tensors, Map.of());
        var w = Weights.of(WeightFiles.open(file), manager, dtype, adapters).in("attn1");
        return new TwoLayers(
                new Linear(w.in("to_q"), IN, OUT, false),
                new Linear(w.in("to_out").in(0), OUT, IN, true));
    }

    /** Rank at which both layers run W and B A side by side. */
    static final int WIDE = 2;

    /** Rank at which both layers build W + s B A for a pass. */
    static final int NARROW = 4;

    /** Normals of deviation 0.3, the same for the same name. */
    static float[] values(long name, int count) {
        var values = new float[count];
        new RandomStream(name, 0, 0).fillGaussian(FloatBuffer.wrap(values));
        for (int i = 0; i < count; i++) {
            values[i] *= 0.3f;
        }
        return values;
    }

    /** Random values of an adapter's whole vector, B included. */
    static float[] trained(TrainableAdapter adapter) {
        return values(9, adapter.layout().length());
    }
}
