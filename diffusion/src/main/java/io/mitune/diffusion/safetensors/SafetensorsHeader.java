package io.mitune.diffusion.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON header of a safetensors file and checks it against the size of the data.
 *
 * <p>The file comes from outside, so nothing in it is believed: lengths are computed without
 * overflow, and the tensors must fill the data exactly, without overlap or hole, as the format
 * demands. After this check every tensor can be mapped blindly.
 */
final class SafetensorsHeader {
    private static final String METADATA = "__metadata__";
    private static final JsonMapper JSON =
            JsonMapper.builder(
                            new com.fasterxml.jackson.core.JsonFactoryBuilder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(8)
                                                    .maxStringLength(20_000_000)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final Path file;
    private final long dataLength;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private SafetensorsHeader(Path file, long dataLength) {
        this.file = file;
        this.dataLength = dataLength;
    }

    static SafetensorsHeader parse(Path file, byte[] json, long dataLength) {
        var header = new SafetensorsHeader(file, dataLength);
        header.read(json);
        header.requireExactCover();
        return header;
    }

    Map<String, TensorInfo> tensors() {
        return tensors;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    private void read(byte[] json) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw damaged(
                    "header is not JSON: " + e.getOriginalMessage().lines().findFirst().get());
        } catch (java.io.IOException e) {
            throw damaged("header cannot be read: " + e.getMessage());
        }
        if (!root.isObject()) {
            throw damaged("header, expected a JSON object, found " + root.getNodeType());
        }
        for (var entry : root.properties()) {
            if (entry.getKey().equals(METADATA)) {
                entry.getValue().properties().forEach(this::addMetadata);
            } else {
                tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue()));
            }
        }
    }

    private void addMetadata(Map.Entry<String, JsonNode> entry) {
        if (!entry.getValue().isTextual()) {
            throw damaged(METADATA + " " + entry.getKey() + ", expected a string");
        }
        metadata.put(entry.getKey(), entry.getValue().textValue());
    }

    private TensorInfo tensor(String key, JsonNode node) {
        var dtype = node.path("dtype").asText("");
        var type =
                TensorType.named(dtype)
                        .orElseThrow(
                                () -> damaged("key " + key + ": unknown dtype '" + dtype + "'"));
        var shape = longs(key, "shape", node.path("shape"));
        var offsets = longs(key, "data_offsets", node.path("data_offsets"));
        if (offsets.size() != 2 || offsets.get(1) < offsets.get(0) || offsets.get(1) > dataLength) {
            throw damaged(
                    "key %s: data_offsets %s, expected begin <= end within the %d bytes of data"
                            .formatted(key, offsets, dataLength));
        }
        var info = new TensorInfo(type, shape, offsets.get(0), offsets.get(1));
        requireLength(key, info);
        return info;
    }

    private List<Long> longs(String key, String field, JsonNode node) {
        if (!node.isArray() || node.size() > 16) {
            throw damaged("key %s: %s, expected a list of numbers".formatted(key, field));
        }
        var values = new ArrayList<Long>();
        for (var item : node) {
            if (!item.isIntegralNumber() || !item.canConvertToLong() || item.longValue() < 0) {
                throw damaged(
                        "key %s: %s, expected numbers >= 0, found %s".formatted(key, field, item));
            }
            values.add(item.longValue());
        }
        return values;
    }

    private void requireLength(String key, TensorInfo info) {
        try {
            long expected = info.type().bytes();
            for (long dim : info.shape()) {
                expected = Math.multiplyExact(expected, dim);
            }
            if (expected != info.length()) {
                throw damaged(
                        "key %s: %s %s, expected %d bytes, found data_offsets of %d"
                                .formatted(
                                        key, info.type(), info.shape(), expected, info.length()));
            }
        } catch (ArithmeticException e) {
            throw damaged("key %s: shape %s is too large".formatted(key, info.shape()));
        }
    }

    private void requireExactCover() {
        var byBegin = new ArrayList<>(tensors.entrySet());
        byBegin.sort(
                Comparator.<Map.Entry<String, TensorInfo>>comparingLong(e -> e.getValue().begin())
                        .thenComparingLong(e -> e.getValue().end()));
        long next = 0;
        for (var entry : byBegin) {
            if (entry.getValue().begin() != next) {
                throw damaged(
                        "key %s: data begins at byte %d, expected %d (%s)"
                                .formatted(
                                        entry.getKey(),
                                        entry.getValue().begin(),
                                        next,
                                        entry.getValue().begin() < next ? "overlap" : "hole"));
            }
            next = entry.getValue().end();
        }
        if (next != dataLength) {
            throw damaged("expected %d bytes of data, found %d".formatted(next, dataLength));
        }
    }

    private ModelFileException damaged(String what) {
        return new ModelFileException(file, what);
    }
}
