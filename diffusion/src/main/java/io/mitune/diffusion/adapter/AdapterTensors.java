package io.mitune.diffusion.adapter;

import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects the tensors of an adapter file into factors by module, whatever names they go by.
 *
 * <p>Nothing in the file is trusted: each key must be known, each shape must fit its partner, each
 * value must be finite.
 */
final class AdapterTensors {
    private enum Part {
        A,
        B,
        MAGNITUDE
    }

    /** Key endings; the ones of diffusers' older form are read, never written. */
    private static final Map<String, Part> ENDINGS =
            Map.of(
                    ".lora_A.weight", Part.A,
                    ".lora_B.weight", Part.B,
                    ".lora.down.weight", Part.A,
                    ".lora.up.weight", Part.B,
                    ".lora_magnitude_vector", Part.MAGNITUDE,
                    ".lora_magnitude_vector.weight", Part.MAGNITUDE);

    private final SafetensorsFile file;
    private final String prefix;

    /**
     * @param prefix what every key starts with, such as {@code unet.}
     */
    AdapterTensors(SafetensorsFile file, String prefix) {
        this.file = file;
        this.prefix = prefix;
    }

    TreeMap<String, LoraFactors> read() {
        var keys = new TreeMap<String, Map<Part, String>>();
        for (var key : file.names()) {
            var ending = endingOf(key);
            var path = key.substring(prefix.length(), key.length() - ending.length());
            var twin =
                    keys.computeIfAbsent(path, p -> new TreeMap<>()).put(ENDINGS.get(ending), key);
            if (twin != null) {
                throw wrong(key, "expected one key for this weight, found also " + twin);
            }
        }
        var modules = new TreeMap<String, LoraFactors>();
        keys.forEach((path, parts) -> modules.put(path, factors(path, parts)));
        return modules;
    }

    private String endingOf(String key) {
        if (!key.startsWith(prefix)) {
            throw wrong(key, "expected a key that starts with " + prefix);
        }
        return ENDINGS.keySet().stream()
                .filter(key::endsWith)
                .filter(e -> key.length() > prefix.length() + e.length())
                .findFirst()
                .orElseThrow(
                        () ->
                                wrong(
                                        key,
                                        "expected lora_A, lora_B or lora_magnitude_vector of a"
                                                + " module, found something else"));
    }

    private LoraFactors factors(String path, Map<Part, String> parts) {
        var a = partner(path, parts, Part.A);
        var b = partner(path, parts, Part.B);
        int rank = dims(a, 2, "[rank, in]").get(0);
        int in = dims(a, 2, "[rank, in]").get(1);
        int out = dims(b, 2, "[out, rank]").get(0);
        if (dims(b, 2, "[out, rank]").get(1) != rank) {
            throw wrong(
                    b,
                    "expected [out, %d] to match %s, found %s"
                            .formatted(rank, a, file.info(b).shape()));
        }
        var m = parts.get(Part.MAGNITUDE);
        if (m != null && dims(m, 1, "[out]").get(0) != out) {
            throw wrong(m, "expected [%d], found %s".formatted(out, file.info(m).shape()));
        }
        return new LoraFactors(
                in, out, rank, values(a), values(b), m == null ? new float[0] : values(m));
    }

    private String partner(String path, Map<Part, String> parts, Part part) {
        var key = parts.get(part);
        if (key == null) {
            var found = parts.values().iterator().next();
            throw wrong(
                    prefix + path + ".lora_" + part + ".weight",
                    "expected beside " + found + ", found nothing");
        }
        return key;
    }

    private List<Integer> dims(String key, int count, String form) {
        var shape = file.info(key).shape();
        if (shape.size() != count || shape.stream().anyMatch(d -> d < 1 || d > 1 << 20)) {
            throw wrong(key, "expected shape " + form + ", found " + shape);
        }
        return shape.stream().map(Long::intValue).toList();
    }

    private float[] values(String key) {
        var data = file.tensor(key);
        var values =
                new float
                        [(int)
                                file.info(key).shape().stream()
                                        .reduce(1L, (x, y) -> x * y)
                                        .longValue()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(key, data);
            if (!Float.isFinite(values[i])) {
                throw wrong(key, "expected finite values, found " + values[i] + " at " + i);
            }
        }
        return values;
    }

    private float value(String key, ByteBuffer data) {
        return switch (file.info(key).type()) {
            case F32 -> data.getFloat();
            case F16 -> HalfFloat.toFloat(data.getShort());
            case BF16 -> Float.intBitsToFloat(data.getShort() << 16);
            default ->
                    throw wrong(key, "expected F32, F16 or BF16, found " + file.info(key).type());
        };
    }

    private ModelFileException wrong(String key, String what) {
        return new ModelFileException(file.path(), "key " + key + ": " + what);
    }
}
