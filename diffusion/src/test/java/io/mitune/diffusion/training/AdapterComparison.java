package io.mitune.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.adapter.AdapterWeights;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares all tensors of an adapter, or of its gradient, with the records of a parity case. */
final class AdapterComparison {
    private static final double TOLERANCE = 1e-4;

    private AdapterComparison() {}

    /** Every tensor by its own largest value; the worst is printed with its name. */
    static void all(ParityCase parity, String prefix, AdapterWeights found) {
        var errors = new TreeMap<String, Double>();
        tensors(found).forEach((n, v) -> errors.put(n, parity.relativeError(prefix + n, v)));
        var expected = new TreeSet<String>();
        parity.records().names().stream()
                .filter(name -> name.startsWith(prefix))
                .forEach(name -> expected.add(name.substring(prefix.length())));
        assertEquals(expected, errors.keySet());
        assertWorst(parity, prefix, errors, TOLERANCE);
    }

    static void change(
            ParityCase parity, AdapterWeights start, AdapterWeights found, double tolerance) {
        var errors = new TreeMap<String, Double>();
        var before = tensors(start);
        tensors(found)
                .forEach(
                        (name, values) -> {
                            var from = before.get(name);
                            var expected = minus(parity.values("steps/final/" + name), from);
                            var change = minus(values, from);
                            errors.put(name, ParityCase.relativeError(expected, change));
                        });
        assertWorst(parity, "change of ", errors, tolerance);
    }

    private static void assertWorst(
            ParityCase parity, String what, Map<String, Double> errors, double tolerance) {
        var worst = Collections.max(errors.entrySet(), Map.Entry.comparingByValue());
        var title = "%d tensors, worst %s%s".formatted(errors.size(), what, worst.getKey());
        parity.assertSmall(title, worst.getValue(), tolerance);
    }

    private static float[] minus(float[] x, float[] y) {
        var difference = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            difference[i] = x[i] - y[i];
        }
        return difference;
    }

    private static Map<String, float[]> tensors(AdapterWeights adapter) {
        var tensors = new TreeMap<String, float[]>();
        adapter.modules()
                .forEach(
                        (path, f) -> {
                            tensors.put(path + ".lora_A.weight", f.a());
                            tensors.put(path + ".lora_B.weight", f.b());
                            if (f.isDora()) {
                                tensors.put(path + ".lora_magnitude_vector", f.magnitude());
                            }
                        });
        return tensors;
    }
}
