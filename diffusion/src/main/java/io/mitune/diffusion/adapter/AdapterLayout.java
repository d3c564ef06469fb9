package io.mitune.diffusion.adapter;

import java.util.ArrayList;
import java.util.List;

/**
 * Where each layer's A, B and m lie in the one flat vector that holds a whole adapter.
 *
 * <p>One vector, because then optimizer, clipping, averaging and saving are a few operations on one
 * array instead of a few for each of hundreds. Layers that are computed together lie together: all
 * A of a group, then all B, then all m. Immutable.
 *
 * @param config of the adapter
 * @param groups in the order of the vector
 */
public record AdapterLayout(DoraConfig config, List<Group> groups) {
    /**
     * Adapted layers of one shape.
     *
     * @param out rows of each weight
     * @param in columns of each weight
     * @param paths dotted module paths
     */
    public record Group(int out, int in, List<String> paths) {
        public Group {
            paths = List.copyOf(paths);
        }
    }

    /**
     * One layer's places in the vector.
     *
     * @param path dotted module path
     * @param out rows of its weight
     * @param in columns of its weight
     * @param a offset of A
     * @param b offset of B
     * @param m offset of m; the end of the group's B without magnitudes
     */
    record Place(String path, int out, int in, int a, int b, int m) {}

    public AdapterLayout {
        groups = List.copyOf(groups);
        if (groups.isEmpty()) {
            throw new IllegalArgumentException(
                    "adapter target_modules: expected modules of the network, found none that match "
                            + config.targetModules());
        }
    }

    /** Lengths of the vector's parts: A, B and, with magnitudes, m of each group. */
    long[] sizes() {
        var sizes = new ArrayList<Long>();
        for (var group : groups) {
            long count = group.paths().size();
            sizes.add(count * config.rank() * group.in());
            sizes.add(count * group.out() * config.rank());
            if (config.useDora()) {
                sizes.add(count * group.out());
            }
        }
        return sizes.stream().mapToLong(Long::longValue).toArray();
    }

    /** Length of the vector. */
    public int length() {
        long sum = 0;
        for (long size : sizes()) {
            sum += size;
        }
        return Math.toIntExact(sum);
    }

    /** The layers in the order of their groups. */
    List<Place> places() {
        var places = new ArrayList<Place>();
        int begin = 0;
        for (var group : groups) {
            int count = group.paths().size();
            int sizeA = config.rank() * group.in();
            int sizeB = group.out() * config.rank();
            int beginB = begin + count * sizeA;
            int beginM = beginB + count * sizeB;
            for (int i = 0; i < count; i++) {
                places.add(
                        new Place(
                                group.paths().get(i),
                                group.out(),
                                group.in(),
                                begin + i * sizeA,
                                beginB + i * sizeB,
                                beginM + (config.useDora() ? i * group.out() : 0)));
            }
            begin = beginM + (config.useDora() ? count * group.out() : 0);
        }
        return places;
    }

    /** One line per layer, to compare a saved vector's layout with this one. */
    public List<String> describe() {
        return places().stream()
                .map(p -> "%s %d %d %d".formatted(p.path(), p.out(), p.in(), p.a()))
                .toList();
    }
}
