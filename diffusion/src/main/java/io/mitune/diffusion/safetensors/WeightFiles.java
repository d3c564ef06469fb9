package io.mitune.diffusion.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The file or files that hold one network's weights, found by diffusers' naming.
 *
 * <p>{@code <base>.safetensors}, or its shards by {@code <base>.safetensors.index.json}, or either
 * in the variant fp16 ({@code <base>.fp16.safetensors}, {@code <base>.safetensors.index.fp16.json})
 * when only that is there.
 *
 * <p>Immutable and thread-safe.
 */
public final class WeightFiles implements WeightSource {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MAX_INDEX = 16 << 20;

    private final Path origin;
    private final Map<String, SafetensorsFile> fileByKey;

    private WeightFiles(Path origin, Map<String, SafetensorsFile> fileByKey) {
        this.origin = origin;
        this.fileByKey = Collections.unmodifiableMap(fileByKey);
    }

    /**
     * @param directory of one network, such as {@code unet}
     * @param base {@code diffusion_pytorch_model} or {@code model}
     */
    public static WeightFiles find(Path directory, String base) {
        var index = base + ".safetensors.index";
        return Stream.of(
                        directory.resolve(base + ".safetensors"),
                        directory.resolve(index + ".json"),
                        directory.resolve(base + ".fp16.safetensors"),
                        directory.resolve(index + ".fp16.json"))
                .filter(Files::isRegularFile)
                .findFirst()
                .map(WeightFiles::open)
                .orElseThrow(
                        () ->
                                new ModelFileException(
                                        directory,
                                        "no weights, expected %s.safetensors, its index.json or"
                                                        .formatted(base)
                                                + " their fp16 variant; .bin files are not read"));
    }

    /** Opens a single safetensors file or an {@code index.json}. */
    public static WeightFiles open(Path file) {
        return file.toString().endsWith(".json") ? sharded(file) : single(file);
    }

    private static WeightFiles single(Path path) {
        var file = SafetensorsFile.open(path);
        var fileByKey = new LinkedHashMap<String, SafetensorsFile>();
        file.names().forEach(key -> fileByKey.put(key, file));
        return new WeightFiles(path, fileByKey);
    }

    private static WeightFiles sharded(Path index) {
        var opened = new HashMap<String, SafetensorsFile>();
        var fileByKey = new LinkedHashMap<String, SafetensorsFile>();
        for (var entry : weightMap(index).properties()) {
            var shard = entry.getValue().asText("");
            if (!shard.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*\\.safetensors")) {
                throw new ModelFileException(
                        index,
                        "key %s: expected the name of a .safetensors file beside it, found '%s'"
                                .formatted(entry.getKey(), shard));
            }
            var file =
                    opened.computeIfAbsent(
                            shard, s -> SafetensorsFile.open(index.resolveSibling(s)));
            file.info(entry.getKey());
            fileByKey.put(entry.getKey(), file);
        }
        return new WeightFiles(index, fileByKey);
    }

    private static JsonNode weightMap(Path index) {
        try {
            if (Files.size(index) > MAX_INDEX) {
                throw new ModelFileException(
                        index,
                        "expected at most %d bytes, found %d"
                                .formatted(MAX_INDEX, Files.size(index)));
            }
            var map = JSON.readTree(Files.readAllBytes(index)).path("weight_map");
            if (!map.isObject()) {
                throw new ModelFileException(index, "expected an object weight_map, found none");
            }
            return map;
        } catch (IOException e) {
            throw new ModelFileException(index, "not readable as JSON", e);
        }
    }

    @Override
    public Set<String> names() {
        return fileByKey.keySet();
    }

    /**
     * The file that holds a key.
     *
     * @throws ModelFileException if none does
     */
    public SafetensorsFile fileOf(String key) {
        return Optional.ofNullable(fileByKey.get(key))
                .orElseThrow(() -> new ModelFileException(origin, "missing key " + key));
    }

    @Override
    public Path path(String key) {
        return fileOf(key).path();
    }

    @Override
    public SafetensorsFile fileOf(String key, long... dims) {
        var file = fileOf(key);
        var info = file.info(key);
        if (!Arrays.equals(info.dims(), dims)) {
            throw new ModelFileException(
                    file.path(),
                    "key %s: expected shape %s, found %s"
                            .formatted(key, Arrays.toString(dims), info.shape()));
        }
        return file;
    }

    /** All files, in order of their names; the index of a sharded model is not among them. */
    public List<Path> paths() {
        var byName = new TreeMap<String, Path>();
        fileByKey.values().forEach(f -> byName.put(f.path().toString(), f.path()));
        return List.copyOf(byName.values());
    }
}
