package io.mitune.diffusion.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.diffusion.safetensors.ModelFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Typed access to the keys of one config; every complaint names file, key and value. */
record SchedulerKeys(String where, ObjectNode declared) {
    static final int MAX_TRAIN_STEPS = 1_000_000;

    /** T, which all samplers read. */
    int trainSteps() {
        return integer("num_train_timesteps", 1000, 1, MAX_TRAIN_STEPS);
    }

    int integer(String key, int missing, int min, int max) {
        var node = present(key);
        if (node.isEmpty()) {
            return missing;
        }
        var value = node.get();
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < min
                || value.intValue() > max) {
            throw expected(key, "a whole number in [" + min + ", " + max + "]", value);
        }
        return value.intValue();
    }

    double number(String key, double missing) {
        var node = present(key);
        if (node.isEmpty()) {
            return missing;
        }
        if (!node.get().isNumber() || !Double.isFinite(node.get().doubleValue())) {
            throw expected(key, "a number", node.get());
        }
        return node.get().doubleValue();
    }

    /** A number strictly between the bounds. */
    double between(String key, double missing, double low, double high) {
        double value = number(key, missing);
        if (value <= low || value >= high) {
            throw expected(key, "a number in (" + low + ", " + high + ")", declared.get(key));
        }
        return value;
    }

    boolean flag(String key, boolean missing) {
        var node = present(key);
        if (node.isEmpty()) {
            return missing;
        }
        if (!node.get().isBoolean()) {
            throw expected(key, "true or false", node.get());
        }
        return node.get().booleanValue();
    }

    /** One of {@code supported}, the first being the default; anything else is refused by name. */
    String choice(String key, String missing, List<String> supported) {
        var node = present(key);
        String value = node.map(JsonNode::asText).orElse(missing);
        if (node.isPresent() && !node.get().isTextual() || !supported.contains(value)) {
            throw new ModelFileException(
                    where, "unsupported `" + key + "=" + value + "`, expected one of " + supported);
        }
        return value;
    }

    /** Refuses a feature that is switched on. */
    void requireOff(String... keys) {
        Arrays.stream(keys)
                .filter(key -> flag(key, false))
                .findFirst()
                .ifPresent(
                        key -> {
                            throw new ModelFileException(
                                    where, "unsupported `" + key + "=true`, expected false");
                        });
    }

    Optional<float[]> floats(String key, int length) {
        return present(key).map(node -> floatArray(key, node, length));
    }

    private float[] floatArray(String key, JsonNode node, int length) {
        if (!node.isArray() || node.size() != length) {
            throw expected(key, "an array of " + length + " numbers", node);
        }
        var values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = node.get(i).floatValue();
            if (!node.get(i).isNumber() || !(values[i] > 0 && values[i] < 1)) {
                throw expected(key + "[" + i + "]", "a number in (0, 1)", node.get(i));
            }
        }
        return values;
    }

    private Optional<JsonNode> present(String key) {
        return Optional.ofNullable(declared.get(key)).filter(node -> !node.isNull());
    }

    private ModelFileException expected(String key, String what, JsonNode found) {
        String text = found.toString();
        return new ModelFileException(
                where,
                "`"
                        + key
                        + "`: expected "
                        + what
                        + ", found "
                        + (text.length() > 60 ? text.substring(0, 60) + "..." : text));
    }
}
