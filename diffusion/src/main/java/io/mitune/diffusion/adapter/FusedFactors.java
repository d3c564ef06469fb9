package io.mitune.diffusion.adapter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Adapters of modules that are one module elsewhere, put together and taken apart.
 *
 * <p>Together A is the parts' A one below the other and B is block diagonal, so the product is the
 * parts' products one below the other, exactly. Taken apart, a part gets the columns of B that it
 * alone uses, or all of them. Stateless.
 */
final class FusedFactors {
    private FusedFactors() {}

    /**
     * One adapter of the rank of all parts together.
     *
     * @param parts one below the other; an empty list element is a module without an adapter
     * @throws IllegalArgumentException if they do not see the same input, or a magnitude is missing
     */
    static LoraFactors together(List<List<LoraFactors>> parts) {
        var present = parts.stream().flatMap(List::stream).toList();
        var first = present.get(0);
        if (present.size() < parts.size() && first.isDora()) {
            throw new IllegalArgumentException(
                    "expected adapters of q, k and v, found %d of them; the magnitudes of the others"
                                    .formatted(present.size())
                            + " are not known");
        }
        if (present.stream().anyMatch(f -> f.in() != first.in() || f.out() != first.out())) {
            throw new IllegalArgumentException("expected q, k and v of one shape");
        }
        int in = first.in();
        int out = first.out();
        int rank = present.stream().mapToInt(LoraFactors::rank).sum();
        var a = new float[rank * in];
        var b = new float[parts.size() * out * rank];
        var m = new float[first.isDora() ? parts.size() * out : 0];
        int column = 0;
        for (int p = 0; p < parts.size(); p++) {
            for (var f : parts.get(p)) {
                System.arraycopy(f.a(), 0, a, column * in, f.a().length);
                for (int i = 0; i < out; i++) {
                    System.arraycopy(
                            f.b(), i * f.rank(), b, (p * out + i) * rank + column, f.rank());
                }
                if (f.isDora()) {
                    System.arraycopy(f.magnitude(), 0, m, p * out, out);
                }
                column += f.rank();
            }
        }
        return new LoraFactors(in, parts.size() * out, rank, a, b, m);
    }

    /** The modules of a file by diffusers' names. */
    static TreeMap<String, StoredFactors> apart(SortedMap<String, StoredFactors> stored) {
        var modules = new TreeMap<String, StoredFactors>();
        stored.forEach(
                (path, s) -> {
                    var paths = MmditNames.paths(path);
                    if (paths.isEmpty()) {
                        modules.put(path, s);
                    } else {
                        addParts(modules, paths, s);
                    }
                });
        return modules;
    }

    private static void addParts(
            SortedMap<String, StoredFactors> modules, List<String> paths, StoredFactors stored) {
        var f = stored.factors();
        if (f.out() % paths.size() != 0) {
            throw new IllegalArgumentException(
                    "%s: expected rows of %d modules, found %d rows"
                            .formatted(paths.get(0), paths.size(), f.out()));
        }
        int out = f.out() / paths.size();
        var owners = owners(f, paths.size());
        for (int p = 0; p < paths.size(); p++) {
            int part = p;
            var columns = new ArrayList<Integer>();
            for (int j = 0; j < f.rank(); j++) {
                if (owners.isEmpty() || owners.get(j) == part) {
                    columns.add(j);
                }
            }
            if (!columns.isEmpty()) {
                var alpha = OptionalDouble.of(stored.scale() * columns.size());
                modules.put(paths.get(p), new StoredFactors(part(f, part, out, columns), alpha));
            }
        }
    }

    /** Which part each column of B belongs to; empty if one column is used by two. */
    private static List<Integer> owners(LoraFactors f, int parts) {
        var owners = new ArrayList<Integer>();
        int out = f.out() / parts;
        for (int j = 0; j < f.rank(); j++) {
            int owner = -1;
            for (int i = 0; i < f.out(); i++) {
                if (f.b()[i * f.rank() + j] != 0) {
                    if (owner >= 0 && owner != i / out) {
                        return List.of();
                    }
                    owner = i / out;
                }
            }
            owners.add(owner >= 0 ? owner : j * parts / f.rank());
        }
        return owners;
    }

    private static LoraFactors part(LoraFactors f, int part, int out, List<Integer> columns) {
        int rank = columns.size();
        var a = new float[rank * f.in()];
        var b = new float[out * rank];
        for (int r = 0; r < rank; r++) {
            int column = columns.get(r);
            System.arraycopy(f.a(), column * f.in(), a, r * f.in(), f.in());
            for (int i = 0; i < out; i++) {
                b[i * rank + r] = f.b()[(part * out + i) * f.rank() + column];
            }
        }
        var m =
                f.isDora()
                        ? Arrays.copyOfRange(f.magnitude(), part * out, (part + 1) * out)
                        : new float[0];
        return new LoraFactors(f.in(), out, rank, a, b, m);
    }
}
