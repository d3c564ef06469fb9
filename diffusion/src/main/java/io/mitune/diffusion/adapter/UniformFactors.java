package io.mitune.diffusion.adapter;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The factors of all modules in one rank and one scale, from files that have one for each.
 *
 * <p>A lower rank gets rows and columns of zeros, another scale goes into B: the product s B A
 * stays what it was, up to the rounding of one multiplication. Stateless.
 */
final class UniformFactors {
    private final int rank;
    private final double scale;

    private UniformFactors(int rank, double scale) {
        this.rank = rank;
        this.scale = scale;
    }

    /** An adapter with the configuration that its modules have in common. */
    static AdapterWeights of(
            String source, SortedMap<String, StoredFactors> stored, Map<String, String> metadata) {
        var first = stored.get(stored.firstKey());
        int rank = stored.values().stream().mapToInt(s -> s.factors().rank()).max().getAsInt();
        var uniform = new UniformFactors(rank, first.scale());
        var modules = new TreeMap<String, LoraFactors>();
        stored.forEach((path, s) -> modules.put(path, uniform.of(s)));
        var config =
                new DoraConfig(
                        rank,
                        uniform.scale * rank,
                        modules.keySet().stream()
                                .map(UniformFactors::leaf)
                                .distinct()
                                .sorted()
                                .toList(),
                        first.factors().isDora());
        return new AdapterWeights(source, config, modules, metadata);
    }

    /** The suffix that peft takes for a target, such as to_q or to_out.0. */
    private static String leaf(String path) {
        var parts = path.split("\\.");
        var last = parts[parts.length - 1];
        return last.matches("\\d+") && parts.length > 1
                ? parts[parts.length - 2] + "." + last
                : last;
    }

    private LoraFactors of(StoredFactors stored) {
        var f = stored.factors();
        if (f.rank() == rank && stored.scale() == scale) {
            return f;
        }
        var ratio = (float) (stored.scale() / scale);
        var b = new float[f.out() * rank];
        for (int i = 0; i < f.out(); i++) {
            for (int j = 0; j < f.rank(); j++) {
                b[i * rank + j] = f.b()[i * f.rank() + j] * ratio;
            }
        }
        return new LoraFactors(
                f.in(), f.out(), rank, Arrays.copyOf(f.a(), rank * f.in()), b, f.magnitude());
    }
}
