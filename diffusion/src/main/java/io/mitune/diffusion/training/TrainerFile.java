package io.mitune.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.diffusion.safetensors.TensorType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A trainer's whole state as one safetensors file, so that it is complete or not there.
 *
 * <p>Tensors are flat fp32 vectors; the header has the counters, the settings and the vector's
 * layout, both compared on reading, and the caller's own entries.
 */
final class TrainerFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORMAT = "1";

    private final SafetensorsFile file;

    private TrainerFile(SafetensorsFile file) {
        this.file = file;
    }

    /**
     * What the header says beside the tensors.
     *
     * @param progress counters
     * @param optimizerUpdates t of AdamW
     * @param emaUpdates updates of the average
     * @param essentials settings by name
     * @param layout of the vectors
     * @param caller entries of the caller
     */
    record Header(
            TrainerProgress progress,
            long optimizerUpdates,
            long emaUpdates,
            Map<String, String> essentials,
            List<String> layout,
            Map<String, String> caller) {

        /** Nothing may be missing; Jackson reports what is. */
        Header {
            Objects.requireNonNull(progress, "progress");
            essentials = Map.copyOf(essentials);
            layout = List.copyOf(layout);
            caller = Map.copyOf(caller);
        }
    }

    static void write(Path path, Map<String, NDArray> vectors, Header header) {
        var tensors = new LinkedHashMap<String, Tensor>();
        vectors.forEach((name, vector) -> tensors.put(name, Tensor.f32(vector)));
        try {
            SafetensorsWriter.write(
                    path,
                    tensors,
                    Map.of("trainer", FORMAT, "state", JSON.writeValueAsString(header)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static TrainerFile open(Path path) {
        var file = SafetensorsFile.open(path);
        var format = file.metadata().get("trainer");
        if (!FORMAT.equals(format)) {
            throw new ModelFileException(
                    path,
                    "expected a trainer state of format %s, found %s".formatted(FORMAT, format));
        }
        return new TrainerFile(file);
    }

    Header header() {
        try {
            return JSON.readValue(
                    file.metadata().getOrDefault("state", ""), new TypeReference<Header>() {});
        } catch (JsonProcessingException e) {
            throw new ModelFileException(
                    file.path(), "trainer state is not readable: " + e.getOriginalMessage(), e);
        }
    }

    /** An error that names the first setting in which the file and this run differ. */
    void requireSame(Header found, Map<String, String> essentials, List<String> layout) {
        essentials.forEach(
                (name, value) -> {
                    var saved = found.essentials().get(name);
                    if (!value.equals(saved)) {
                        throw new ModelFileException(
                                file.path(),
                                "training.%s: expected %s as in this run, found %s in the state"
                                        .formatted(name, value, saved));
                    }
                });
        if (!layout.equals(found.layout())) {
            throw new ModelFileException(
                    file.path(),
                    "expected the adapted layers of this model, found those of another");
        }
    }

    /** A vector of the file, checked for length and finite values. */
    NDArray vector(NDManager manager, String name, long length) {
        var info = file.info(name);
        if (info.type() != TensorType.F32 || !info.shape().equals(List.of(length))) {
            throw new ModelFileException(
                    file.path(),
                    "key %s: expected F32 [%d], found %s %s"
                            .formatted(name, length, info.type(), info.shape()));
        }
        var vector = manager.create(file.tensor(name), new Shape(length), DataType.FLOAT32);
        if (!Double.isFinite(GradientNorm.of(vector))) {
            throw new ModelFileException(
                    file.path(), "key %s: expected finite values, found others".formatted(name));
        }
        return vector;
    }
}
