package io.mitune.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.LinearAdapter;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The adapters of one network, driven by one flat vector of parameters.
 *
 * <p>Given to a network's weights while it is built, it sits on every target layer. Before a pass
 * {@link #bind} hands each layer its slice of the vector; after the vector changed, {@link
 * #computeNorms} renews the row norms. It owns no parameters, so one network can run with the
 * trained values, their average or a test's. Not thread-safe.
 */
public final class TrainableAdapter implements Adapters {
    private final DoraConfig config;
    private final List<DoraLinear> layers = new ArrayList<>();

    public TrainableAdapter(DoraConfig config) {
        this.config = config;
    }

    @Override
    public Optional<LinearAdapter> find(String path, Linear layer) {
        if (!config.targets(path)) {
            return Optional.empty();
        }
        var adapter = new DoraLinear(layer, config);
        layers.add(adapter);
        return Optional.of(adapter);
    }

    /** The vector's layout, once the network is built. */
    public AdapterLayout layout() {
        return new AdapterLayout(config, layers.stream().map(DoraLinear::layer).toList());
    }

    /** Start values: A normal with deviation 1/r, keyed by (seed, path); B = 0; m = |W|. */
    public float[] initial(long seed) {
        var vector = FloatBuffer.allocate(Math.toIntExact(layout().length()));
        for (var adapter : layers) {
            var layer = adapter.layer();
            vector.put(GaussianInit.factor(seed, layer.path(), config.rank(), layer.in()));
            vector.position(vector.position() + layer.out() * config.rank());
            if (config.useDora()) {
                try (var norms = adapter.squaredNorms().sqrt()) {
                    vector.put(norms.toFloatArray());
                }
            }
        }
        return vector.array();
    }

    /** The vector of a stored adapter, which must have exactly this one's layers and form. */
    public float[] load(AdapterWeights stored) {
        var layout = layout();
        stored.requireSameForm(config);
        stored.requireSameModules(layout.layers().stream().map(AdapterLayout.Layer::path).toList());
        var vector = FloatBuffer.allocate(Math.toIntExact(layout.length()));
        for (var layer : layout.layers()) {
            var f = stored.factors(layer.path(), layer.out(), layer.in());
            vector.put(f.a()).put(f.b()).put(f.magnitude());
        }
        return vector.array();
    }

    /** The values of a vector by layer, as files hold them. */
    public AdapterWeights export(String source, float[] values, Map<String, String> metadata) {
        var modules = new TreeMap<String, LoraFactors>();
        var vector = FloatBuffer.wrap(values);
        for (var layer : layout().layers()) {
            var a = new float[config.rank() * layer.in()];
            var b = new float[layer.out() * config.rank()];
            var m = new float[config.useDora() ? layer.out() : 0];
            vector.get(a).get(b).get(m);
            modules.put(
                    layer.path(), new LoraFactors(layer.in(), layer.out(), config.rank(), a, b, m));
        }
        return new AdapterWeights(source, config, modules, metadata);
    }

    /**
     * Gives each layer its slice for the coming passes; where gradients are collected, they flow
     * back into the vector.
     *
     * @param vector fp32, [length of the layout]; the slices belong to its manager
     */
    public void bind(NDArray vector) {
        var parts = slices(vector);
        int per = config.useDora() ? 3 : 2;
        for (int i = 0; i < layers.size(); i++) {
            layers.get(i)
                    .bind(
                            parts.get(per * i),
                            parts.get(per * i + 1),
                            config.useDora() ? parts.get(per * i + 2) : null);
        }
    }

    /** Renews n of every layer; {@code vector} must not collect gradients. */
    public void computeNorms(NDArray vector) {
        if (!config.useDora()) {
            return;
        }
        try (var scratch = vector.getManager().newSubManager()) {
            var detached = vector.stopGradient();
            detached.attach(scratch);
            var parts = slices(detached);
            for (int i = 0; i < layers.size(); i++) {
                layers.get(i).computeNorms(parts.get(3 * i), parts.get(3 * i + 1));
            }
        }
    }

    /** n of one layer as last computed, [out]. */
    NDArray norms(String path) {
        return layers.stream()
                .filter(l -> l.layer().path().equals(path))
                .findFirst()
                .orElseThrow()
                .norms();
    }

    private List<NDArray> slices(NDArray vector) {
        var sizes = layout().sizes();
        var ends = new long[sizes.length - 1];
        long end = 0;
        for (int i = 0; i < ends.length; i++) {
            end += sizes[i];
            ends[i] = end;
        }
        return vector.split(ends, 0);
    }
}
