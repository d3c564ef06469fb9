package io.mitune.diffusion.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.safetensors.LazyTensor;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * Writes a whole diffusers model with an adapter in its weights, which any tool can then load.
 *
 * <p>The denoiser's files are written anew under their own names, in as many pieces as they had.
 * The folders of the pipeline's other parts are hard links where the file system allows it, copies
 * where not; loose files of the model's folder are left out but for those that describe it, since a
 * whole checkpoint lying there would be the one without the adapter. Stateless.
 */
public final class MergedCheckpoint {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final Set<TensorType> WEIGHTS =
            EnumSet.of(TensorType.F32, TensorType.F16, TensorType.BF16);
    private static final String INDEX = "model_index.json";

    private MergedCheckpoint() {}

    /** How many tensors there are to write. */
    public static int count(BaseModel base) {
        return base.files().names().size();
    }

    /**
     * @param directory is made; must not be there
     * @param dtype of the denoiser's weights; absent: each as it was
     * @param afterEach runs when a tensor is written
     * @throws ModelFileException if the adapter does not fit, or a file cannot be written
     */
    public static void write(
            Path directory,
            BaseModel base,
            AdapterWeights adapter,
            Optional<Dtype> dtype,
            Runnable afterEach) {
        try (var weights = new FullWeights(base, adapter)) {
            var denoiser = base.component().label();
            Files.createDirectories(directory.resolve(denoiser));
            linkOthers(base.directory(), directory, denoiser);
            var to = directory.resolve(denoiser);
            long bytes = 0;
            for (var path : base.files().paths()) {
                var file = SafetensorsFile.open(path);
                var tensors = tensors(file, adapter, weights, dtype, afterEach);
                bytes += tensors.values().stream().mapToLong(MergedCheckpoint::length).sum();
                var header = new LinkedHashMap<String, String>(file.metadata());
                header.put("format", "pt");
                SafetensorsWriter.stream(to.resolve(path.getFileName()), tensors, header);
            }
            writeIndex(base.directory().resolve(denoiser), to, bytes);
        } catch (IOException e) {
            throw new ModelFileException(directory, "cannot be written: " + e, e);
        }
    }

    private static long length(LazyTensor tensor) {
        return tensor.shape().stream().reduce((long) tensor.type().bytes(), (x, y) -> x * y);
    }

    private static LinkedHashMap<String, LazyTensor> tensors(
            SafetensorsFile file,
            AdapterWeights adapter,
            FullWeights weights,
            Optional<Dtype> dtype,
            Runnable afterEach) {
        var tensors = new LinkedHashMap<String, LazyTensor>();
        for (var key : file.names()) {
            var info = file.info(key);
            var type =
                    WEIGHTS.contains(info.type())
                            ? dtype.map(FloatTensors::type).orElse(info.type())
                            : info.type();
            tensors.put(
                    key,
                    new LazyTensor(
                            type,
                            info.shape(),
                            () -> {
                                var data = data(file, key, adapter, weights, type);
                                afterEach.run();
                                return data;
                            }));
        }
        return tensors;
    }

    private static ByteBuffer data(
            SafetensorsFile file,
            String key,
            AdapterWeights adapter,
            FullWeights weights,
            TensorType type) {
        var path = key.endsWith(".weight") ? key.substring(0, key.length() - 7) : key;
        try {
            if (!path.equals(key) && adapter.modules().containsKey(path)) {
                return FloatTensors.bytes(key, weights.merged(path), type);
            }
            return type == file.info(key).type()
                    ? file.tensor(key)
                    : FloatTensors.bytes(key, FloatTensors.read(file, key), type);
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(file.path(), e.getMessage(), e);
        }
    }

    /** The index of the pieces that were written, if there is one; their sizes may differ. */
    private static void writeIndex(Path from, Path to, long bytes) throws IOException {
        List<Path> indexes;
        try (var files = Files.list(from)) {
            indexes =
                    files.filter(f -> f.toString().matches(".*\\.safetensors\\.index.*\\.json"))
                            .toList();
        }
        for (var file : indexes) {
            if (JSON.readTree(file.toFile()) instanceof ObjectNode index
                    && isOf(to, index.path("weight_map"))) {
                index.withObject("/metadata").put("total_size", bytes);
                JSON.writeValue(to.resolve(file.getFileName()).toFile(), index);
            }
        }
    }

    private static boolean isOf(Path folder, JsonNode weightMap) {
        return StreamSupport.stream(weightMap.spliterator(), false)
                .allMatch(name -> Files.exists(folder.resolve(name.asText())));
    }

    private static void linkOthers(Path from, Path to, String denoiser) throws IOException {
        link(from.resolve(INDEX), to.resolve(INDEX));
        link(from.resolve(denoiser + "/config.json"), to.resolve(denoiser + "/config.json"));
        for (var entry : JSON.readTree(from.resolve(INDEX).toFile()).properties()) {
            var part = entry.getKey();
            if (!part.equals(denoiser)
                    && part.matches("[A-Za-z0-9_]+")
                    && Files.isDirectory(from.resolve(part))) {
                linkFolder(from.resolve(part), to.resolve(part));
            }
        }
        try (var files = Files.list(from)) {
            for (var file : files.toList()) {
                var name = file.getFileName().toString();
                if (name.matches("(?i)(readme|licen[cs]e|notice).*") && Files.isRegularFile(file)) {
                    link(file, to.resolve(name));
                }
            }
        }
    }

    private static void linkFolder(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        List<Path> files;
        try (var found = Files.list(from)) {
            files = found.filter(Files::isRegularFile).toList();
        }
        for (var file : files) {
            link(file, to.resolve(file.getFileName()));
        }
    }

    /** Small files are copied: someone may edit a configuration, and means only this one. */
    private static void link(Path from, Path to) throws IOException {
        var real = from.toRealPath();
        if (Files.size(real) > 1 << 20) {
            try {
                Files.createLink(to, real);
                return;
            } catch (IOException | UnsupportedOperationException e) {
                Files.deleteIfExists(to); // another file system: copy
            }
        }
        Files.copy(real, to);
    }
}
