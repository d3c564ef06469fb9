package io.mitune.diffusion.adapter;

import io.mitune.diffusion.adapter.AdapterKey.Part;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Collects the tensors of an adapter file into factors by module, whatever names they go by.
 *
 * <p>Nothing in the file is trusted: each key must be known, each shape must fit its partner, each
 * value must be finite.
 */
final class AdapterTensors {
    private final SafetensorsFile file;
    private final KeyNames names;

    AdapterTensors(SafetensorsFile file, KeyNames names) {
        this.file = file;
        this.names = names;
    }

    TreeMap<String, StoredFactors> read() {
        var keys = new TreeMap<String, Map<Part, String>>();
        for (var key : file.names()) {
            var meaning =
                    names.read(key)
                            .orElseThrow(
                                    () -> wrong(key, "expected " + names.expected() + hint(key)));
            var twin =
                    keys.computeIfAbsent(meaning.path(), p -> new TreeMap<>())
                            .put(meaning.part(), key);
            if (twin != null) {
                throw wrong(key, "expected one key for this weight, found also " + twin);
            }
        }
        var modules = new TreeMap<String, StoredFactors>();
        keys.forEach((path, parts) -> modules.put(path, factors(path, parts)));
        return modules;
    }

    private static String hint(String key) {
        if (key.matches("(text_encoder|lora_te).*")) {
            return "; adapters of text encoders are not supported";
        }
        return key.endsWith(".diff")
                ? "; a full difference is no adapter, merge it in the tool that reads it"
                : "";
    }

    private StoredFactors factors(String path, Map<Part, String> parts) {
        var a = partner(path, parts, Part.A);
        var b = partner(path, parts, Part.B);
        int rank = dims(a, "[rank, in]").get(0);
        int in = dims(a, "[rank, in]").get(1);
        int out = dims(b, "[out, rank]").get(0);
        if (dims(b, "[out, rank]").get(1) != rank) {
            throw wrong(
                    b,
                    "expected [out, %d] to match %s, found %s"
                            .formatted(rank, a, file.info(b).shape()));
        }
        var m = parts.get(Part.MAGNITUDE);
        if (m != null) {
            requireRows(m, out);
        }
        var factors =
                new LoraFactors(
                        in, out, rank, values(a), values(b), m == null ? new float[0] : values(m));
        return new StoredFactors(factors, alpha(parts));
    }

    private OptionalDouble alpha(Map<Part, String> parts) {
        var key = parts.get(Part.ALPHA);
        if (key == null) {
            return OptionalDouble.empty();
        }
        if (file.info(key).shape().stream().anyMatch(d -> d != 1)) {
            throw wrong(key, "expected one number, found shape " + file.info(key).shape());
        }
        var alpha = values(key)[0];
        if (!(alpha > 0)) {
            throw wrong(key, "expected a number above 0, found " + alpha);
        }
        return OptionalDouble.of(alpha);
    }

    private String partner(String path, Map<Part, String> parts, Part part) {
        var key = parts.get(part);
        if (key == null) {
            var found = parts.values().iterator().next();
            throw wrong(
                    found,
                    "expected beside it a factor %s of %s, found none".formatted(part, path));
        }
        return key;
    }

    /** A matrix, or the 1 x 1 convolution that is the same map. */
    private List<Integer> dims(String key, String form) {
        var shape = new ArrayList<>(file.info(key).shape());
        while (shape.size() > 2 && shape.get(shape.size() - 1) == 1) {
            shape.remove(shape.size() - 1);
        }
        if (shape.size() != 2 || shape.stream().anyMatch(d -> d < 1 || d > 1 << 20)) {
            throw wrong(key, "expected shape " + form + ", found " + file.info(key).shape());
        }
        return shape.stream().map(Long::intValue).toList();
    }

    private void requireRows(String key, int out) {
        var shape = file.info(key).shape();
        boolean rows =
                !shape.isEmpty()
                        && shape.get(0) == out
                        && shape.stream().skip(1).allMatch(d -> d == 1);
        if (!rows) {
            var columns = shape.size() > 1 && shape.get(0) == 1;
            throw wrong(
                    key,
                    "expected [%d], found %s".formatted(out, shape)
                            + (columns ? "; DoRA by columns is not supported" : ""));
        }
    }

    private float[] values(String key) {
        var values = FloatTensors.read(file, key);
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw wrong(key, "expected finite values, found " + values[i] + " at " + i);
            }
        }
        return values;
    }

    private ModelFileException wrong(String key, String what) {
        return new ModelFileException(file.path(), "key " + key + ": " + what);
    }
}
