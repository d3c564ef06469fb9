package io.mitune.diffusion.adapter;

import io.mitune.diffusion.nn.Linear;
import java.util.ArrayList;
import java.util.List;

/**
 * Where each layer's A, B and m lie in the one flat vector that holds a whole adapter.
 *
 * <p>One vector, because then optimizer, clipping, averaging and saving are a few operations on one
 * array instead of a few for each of hundreds. Immutable.
 *
 * @param config of the adapter
 * @param layers adapted layers in the order of the vector: A, B, m of the first, and so on
 */
public record AdapterLayout(DoraConfig config, List<Layer> layers) {
    /**
     * An adapted layer.
     *
     * @param path dotted module path
     * @param out rows of its weight
     * @param in columns of its weight
     */
    public record Layer(String path, int out, int in) {
        static Layer of(Linear linear) {
            var shape = linear.loadedWeight().getShape();
            return new Layer(linear.path(), (int) shape.get(0), (int) shape.get(1));
        }
    }

    public AdapterLayout {
        layers = List.copyOf(layers);
        if (layers.isEmpty()) {
            throw new IllegalArgumentException(
                    "adapter target_modules: expected modules of the network, found none that match "
                            + config.targetModules());
        }
    }

    /** Parts per layer: 3 with magnitudes, 2 without. */
    int parts() {
        return config.useDora() ? 3 : 2;
    }

    /** Lengths of all parts in order. */
    public long[] sizes() {
        var sizes = new ArrayList<Long>();
        for (var layer : layers) {
            sizes.add((long) config.rank() * layer.in());
            sizes.add((long) layer.out() * config.rank());
            if (config.useDora()) {
                sizes.add((long) layer.out());
            }
        }
        return sizes.stream().mapToLong(Long::longValue).toArray();
    }

    /** Length of the vector. */
    public long length() {
        long sum = 0;
        for (long size : sizes()) {
            sum += size;
        }
        return sum;
    }

    /** One line per layer, to compare a saved vector's layout with this one. */
    public List<String> describe() {
        return layers.stream()
                .map(l -> "%s %d %d %d".formatted(l.path(), l.out(), l.in(), config.rank()))
                .toList();
    }
}
