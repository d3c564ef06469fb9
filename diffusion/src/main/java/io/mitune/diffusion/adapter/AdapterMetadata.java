package io.mitune.diffusion.adapter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.mitune.diffusion.safetensors.ModelFileException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/**
 * peft's configuration of an adapter as JSON: the whole of {@code adapter_config.json}, or under a
 * prefix in the header of a diffusers file.
 *
 * <p>Settings that change the arithmetic and that we do not implement are refused by name.
 */
final class AdapterMetadata {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Values that leave the arithmetic as it is; anything else is refused. */
    private static final Map<String, Object> NEUTRAL =
            Map.of(
                    "peft_type", "LORA",
                    "bias", "none",
                    "fan_in_fan_out", false,
                    "use_rslora", false,
                    "lora_bias", false,
                    "use_qalora", false);

    private AdapterMetadata() {}

    /**
     * The JSON text of a configuration, keys sorted.
     *
     * @param prefix of every key: {@code unet.} in a diffusers header, empty for peft
     */
    static String write(DoraConfig config, String prefix) {
        var fields = new TreeMap<String, Object>();
        NEUTRAL.forEach((key, value) -> fields.put(prefix + key, value));
        fields.put(prefix + "r", config.rank());
        fields.put(prefix + "lora_alpha", wholeIfPossible(config.alpha()));
        fields.put(prefix + "target_modules", config.targetModules());
        fields.put(prefix + "use_dora", config.useDora());
        fields.put(prefix + "lora_dropout", 0.0);
        fields.put(prefix + "init_lora_weights", "gaussian");
        fields.put(prefix + "inference_mode", prefix.isEmpty());
        fields.put(prefix + "rank_pattern", Map.of());
        fields.put(prefix + "alpha_pattern", Map.of());
        try {
            return JSON.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Number wholeIfPossible(double alpha) {
        if (alpha == Math.rint(alpha)) {
            return (long) alpha;
        }
        return alpha;
    }

    /** Reads a configuration; {@code where} names its file in errors. */
    static DoraConfig read(Object where, String text, String prefix) {
        var json = parse(where, text);
        NEUTRAL.forEach((key, value) -> requireNeutral(where, json, prefix + key, value));
        requireEmpty(where, json, prefix + "rank_pattern");
        requireEmpty(where, json, prefix + "alpha_pattern");
        var rank = number(where, json, prefix + "r");
        var alpha = number(where, json, prefix + "lora_alpha");
        if (!rank.canConvertToInt() || !rank.isIntegralNumber()) {
            throw new ModelFileException(
                    where, prefix + "r: expected a whole number, found " + rank);
        }
        var dora = json.path(prefix + "use_dora").asBoolean(false);
        try {
            return new DoraConfig(
                    rank.intValue(),
                    alpha.doubleValue(),
                    targets(where, json, prefix + "target_modules"),
                    dora);
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(where, e.getMessage(), e);
        }
    }

    private static JsonNode parse(Object where, String text) {
        try {
            var json = JSON.readTree(text);
            if (json.isObject()) {
                return json;
            }
            throw new ModelFileException(where, "adapter configuration: expected a JSON object");
        } catch (JsonProcessingException e) {
            throw new ModelFileException(
                    where, "adapter configuration is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static void requireNeutral(Object where, JsonNode json, String key, Object value) {
        var found = json.path(key);
        if (!found.isMissingNode() && !found.isNull() && !found.asText().equals(value.toString())) {
            throw new ModelFileException(
                    where, "unsupported %s=%s, expected %s".formatted(key, found, value));
        }
    }

    private static void requireEmpty(Object where, JsonNode json, String key) {
        if (!json.path(key).isEmpty()) {
            throw new ModelFileException(
                    where, "unsupported %s=%s, expected none".formatted(key, json.path(key)));
        }
    }

    private static JsonNode number(Object where, JsonNode json, String key) {
        return Optional.of(json.path(key))
                .filter(JsonNode::isNumber)
                .orElseThrow(
                        () ->
                                new ModelFileException(
                                        where,
                                        "%s: expected a number, found %s"
                                                .formatted(key, json.path(key))));
    }

    private static java.util.List<String> targets(Object where, JsonNode json, String key) {
        var node = json.path(key);
        if (!node.isArray()) {
            throw new ModelFileException(
                    where, "%s: expected a list of module names, found %s".formatted(key, node));
        }
        return StreamSupport.stream(node.spliterator(), false)
                .map(JsonNode::asText)
                .sorted()
                .toList();
    }
}
