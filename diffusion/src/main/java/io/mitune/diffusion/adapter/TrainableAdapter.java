package io.mitune.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.LinearAdapter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The adapters of one network, driven by one flat vector of parameters.
 *
 * <p>Given to a network's weights while it is built, it sits on every target layer. Before a pass
 * {@link #bind} hands each layer its part of the vector; after the vector changed, {@link
 * #computeNorms} renews the row norms. It owns no parameters, so one network can run with the
 * trained values, their average or a test's. Not thread-safe.
 */
public final class TrainableAdapter implements Adapters {
    private final DoraConfig config;
    private final Dtype dtype;
    private final List<AdapterGroup> groups = new ArrayList<>();
    private final Map<String, List<Linear>> narrow = new LinkedHashMap<>();
    private boolean sealed;

    /** For a network in fp32. */
    public TrainableAdapter(DoraConfig config) {
        this(config, Dtype.FP32);
    }

    /**
     * @param dtype of the network's weights
     */
    public TrainableAdapter(DoraConfig config, Dtype dtype) {
        this.config = config;
        this.dtype = dtype;
    }

    @Override
    public Optional<LinearAdapter> find(String path, Linear layer) {
        if (!config.targets(path)) {
            return Optional.empty();
        }
        if (AdapterGroup.isNarrow(layer, config.rank())) {
            var shape = layer.shape().toString();
            narrow.computeIfAbsent(shape, s -> new ArrayList<>()).add(layer);
            return Optional.empty();
        }
        var adapter = new LowRankLinear(config, layer);
        groups.add(AdapterGroup.lowRank(config, layer, dtype, adapter));
        return Optional.of(adapter);
    }

    private List<AdapterGroup> groups() {
        if (!sealed) {
            narrow.values().forEach(l -> groups.add(AdapterGroup.merged(config, l, dtype)));
            sealed = true;
        }
        return groups;
    }

    /** The vector's layout, once the network is built. */
    public AdapterLayout layout() {
        return new AdapterLayout(config, groups().stream().map(AdapterGroup::layout).toList());
    }

    /** Dotted paths of the adapted layers. */
    public List<String> paths() {
        return layout().places().stream().map(AdapterLayout.Place::path).toList();
    }

    /** Start values: A normal with deviation 1/r, keyed by (seed, path); B = 0; m = |W|. */
    public float[] initial(long seed) {
        var layout = layout();
        var vector = new float[layout.length()];
        for (var place : layout.places()) {
            var a = GaussianInit.factor(seed, place.path(), config.rank(), place.in());
            System.arraycopy(a, 0, vector, place.a(), a.length);
        }
        if (config.useDora()) {
            int end = 0;
            var sizes = layout.sizes();
            for (int i = 0; i < sizes.length; i++) {
                if (i % 3 == 2) {
                    var norms = groups().get(i / 3).rowNorms();
                    System.arraycopy(norms, 0, vector, end, norms.length);
                }
                end += (int) sizes[i];
            }
        }
        return vector;
    }

    /** The vector of a stored adapter, which must have exactly this one's layers and form. */
    public float[] load(AdapterWeights stored) {
        var layout = layout();
        stored.requireSameForm(config);
        stored.requireSameModules(paths());
        var vector = new float[layout.length()];
        for (var place : layout.places()) {
            var f = stored.factors(place.path(), place.out(), place.in());
            System.arraycopy(f.a(), 0, vector, place.a(), f.a().length);
            System.arraycopy(f.b(), 0, vector, place.b(), f.b().length);
            System.arraycopy(f.magnitude(), 0, vector, place.m(), f.magnitude().length);
        }
        return vector;
    }

    /** The values of a vector by layer, as files hold them. */
    public AdapterWeights export(String source, float[] values, Map<String, String> metadata) {
        var modules = new TreeMap<String, LoraFactors>();
        int rank = config.rank();
        for (var p : layout().places()) {
            modules.put(
                    p.path(),
                    new LoraFactors(
                            p.in(),
                            p.out(),
                            rank,
                            Arrays.copyOfRange(values, p.a(), p.a() + rank * p.in()),
                            Arrays.copyOfRange(values, p.b(), p.b() + p.out() * rank),
                            Arrays.copyOfRange(
                                    values, p.m(), p.m() + (config.useDora() ? p.out() : 0))));
        }
        return new AdapterWeights(source, config, modules, metadata);
    }

    /**
     * Gives each layer its part for the coming passes; where gradients are collected, they flow
     * back into the vector.
     *
     * @param vector fp32, [length of the layout]; what is made from it belongs to its manager, so
     *     {@link #release} before that is closed
     */
    public void bind(NDArray vector) {
        var parts = split(vector);
        int per = parts.size() / groups.size();
        for (int i = 0; i < groups.size(); i++) {
            groups.get(i).bind(parts.subList(per * i, per * (i + 1)));
        }
    }

    /** Ends what {@link #bind} began: the network is the base model again. */
    public void release() {
        groups.forEach(AdapterGroup::release);
    }

    /** Renews n of every layer; {@code vector} must not collect gradients. */
    public void computeNorms(NDArray vector) {
        if (!config.useDora()) {
            return;
        }
        try (var scratch = vector.getManager().newSubManager()) {
            var detached = vector.stopGradient();
            detached.attach(scratch);
            var parts = split(detached);
            for (int i = 0; i < groups.size(); i++) {
                groups.get(i).computeNorms(parts.get(3 * i), parts.get(3 * i + 1));
            }
        }
    }

    /** n of one layer as last computed. */
    float[] norms(String path) {
        for (var group : groups()) {
            int index = group.layout().paths().indexOf(path);
            if (index >= 0) {
                try (var row = group.norms().get(index)) {
                    return row.toFloatArray();
                }
            }
        }
        throw new IllegalArgumentException("no adapter on " + path);
    }

    private List<NDArray> split(NDArray vector) {
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
