package io.mitune.diffusion.adapter;

import java.util.List;

/**
 * How large one module's adapter is, in Frobenius norms. Immutable.
 *
 * @param path dotted module path
 * @param out rows of its weight
 * @param in columns of its weight
 * @param a |A|
 * @param b |B|
 * @param product |s B A|
 * @param magnitude |m|; 0 for plain LoRA
 */
public record ModuleNorms(
        String path, int out, int in, double a, double b, double product, double magnitude) {

    /** The norms of all modules, in order of their paths. */
    public static List<ModuleNorms> of(AdapterWeights adapter) {
        double scale = adapter.config().scale();
        return adapter.modules().entrySet().stream()
                .map(e -> of(e.getKey(), e.getValue(), scale))
                .toList();
    }

    private static ModuleNorms of(String path, LoraFactors f, double scale) {
        return new ModuleNorms(
                path,
                f.out(),
                f.in(),
                norm(f.a()),
                norm(f.b()),
                scale * product(f),
                norm(f.magnitude()));
    }

    private static double norm(float[] values) {
        double sum = 0;
        for (float v : values) {
            sum += (double) v * v;
        }
        return Math.sqrt(sum);
    }

    /** |B A|, from |B A|^2 = sum((B^T B) * (A A^T)), which needs no matrix of the weight's size. */
    private static double product(LoraFactors f) {
        double sum = 0;
        for (int i = 0; i < f.rank(); i++) {
            for (int j = 0; j <= i; j++) {
                double rows = 0;
                for (int k = 0; k < f.in(); k++) {
                    rows += (double) f.a()[i * f.in() + k] * f.a()[j * f.in() + k];
                }
                double columns = 0;
                for (int k = 0; k < f.out(); k++) {
                    columns += (double) f.b()[k * f.rank() + i] * f.b()[k * f.rank() + j];
                }
                sum += (i == j ? 1 : 2) * rows * columns;
            }
        }
        return Math.sqrt(Math.max(0, sum));
    }
}
