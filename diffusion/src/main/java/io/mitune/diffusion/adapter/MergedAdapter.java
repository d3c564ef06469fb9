package io.mitune.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.LinearAdapter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts adapters into the weights of a network for generation, and takes them out again.
 *
 * <p>A merged network runs as fast as the base model. Given to the network's weights while it is
 * built, it remembers the linear layers; {@link #merge} then exchanges the weights of those that an
 * adapter names. The sum is taken in fp32 and cast once. Not thread-safe, and not while the network
 * runs. The sum is {@link MergedWeight}'s.
 */
public final class MergedAdapter implements Adapters, AutoCloseable {
    private final Dtype dtype;
    private final Map<String, Linear> layers = new LinkedHashMap<>();
    private final List<Linear> merged = new ArrayList<>();

    /**
     * @param dtype of the network's weights
     */
    public MergedAdapter(Dtype dtype) {
        this.dtype = dtype;
    }

    @Override
    public Optional<LinearAdapter> find(String path, Linear layer) {
        layers.put(path, layer);
        return Optional.empty();
    }

    /** False: a merged network only predicts. */
    @Override
    public boolean trains() {
        return false;
    }

    /**
     * Puts this adapter in place of the one before.
     *
     * @throws io.mitune.diffusion.safetensors.ModelFileException if it belongs to another network;
     *     then the one before stays
     */
    public void merge(AdapterWeights adapter) {
        adapter.requireKnownModules(layers.keySet());
        adapter.modules().keySet().forEach(path -> checkShape(adapter, path));
        clear();
        for (var path : adapter.modules().keySet()) {
            var factors = adapter.modules().get(path);
            double scale = adapter.config().scale();
            layers.get(path).changeWeight(loaded -> mergedWeight(loaded, factors, scale));
            merged.add(layers.get(path));
        }
    }

    /** Back to the base model. */
    public void clear() {
        merged.forEach(Linear::restoreWeight);
        merged.clear();
    }

    /**
     * Greatest |W' - W| / |W| (Frobenius norms) of any layer: how far the adapter moves the
     * network; 0 without adapter, NaN where a weight isn't a number.
     */
    public double relativeChange() {
        double greatest = 0;
        for (var layer : merged) {
            try (var scratch = layer.loadedWeight().getManager().newSubManager()) {
                var before = Dtype.FP32.copyOf(layer.loadedWeight());
                before.attach(scratch);
                var after = Dtype.FP32.copyOf(layer.weight());
                after.attach(scratch);
                double change = after.sub(before).square().sum().getFloat();
                double size = before.square().sum().getFloat();
                greatest = Math.max(greatest, Math.sqrt(change / size));
            }
            layer.letGo();
        }
        return greatest;
    }

    private void checkShape(AdapterWeights adapter, String path) {
        var shape = layers.get(path).shape();
        adapter.factors(path, shape.get(0), shape.get(1));
    }

    private NDArray mergedWeight(NDArray loaded, LoraFactors f, double scale) {
        try (var scratch = loaded.getManager().newSubManager()) {
            var w = Dtype.FP32.copyOf(loaded);
            w.attach(scratch);
            var cast = dtype.copyOf(MergedWeight.of(w, f, scale));
            cast.attach(loaded.getManager());
            return cast;
        }
    }

    @Override
    public void close() {
        clear();
    }
}
