package io.mitune.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The smallest of the diffusion module's models, which a test may also copy and damage. */
public final class TinyModel {
    /** Its folder, with model, adapters and what diffusers made of them. */
    public static final Path CASE =
            Path.of("..", "diffusion", "src", "test", "resources", "parity", "epsilon-fp32");

    /** The model itself. */
    public static final Path MODEL = CASE.resolve("model");

    private static final ObjectMapper JSON = new ObjectMapper();

    private TinyModel() {}

    /** A copy that may be changed. */
    public static Path copy(Path folder) throws IOException {
        var to = folder.resolve("model");
        try (var all = Files.walk(MODEL)) {
            for (var from : (Iterable<Path>) all::iterator) {
                var target = to.resolve(MODEL.relativize(from).toString());
                if (Files.isDirectory(from)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(from, target);
                }
            }
        }
        return to;
    }

    /** Changes a JSON file. */
    public static void edit(Path file, Consumer<ObjectNode> change) throws IOException {
        var json = (ObjectNode) JSON.readTree(file.toFile());
        change.accept(json);
        JSON.writeValue(file.toFile(), json);
    }

    /** Changes the tensors of a safetensors file. */
    public static void editTensors(Path file, Consumer<Map<String, Tensor>> change) {
        var from = SafetensorsFile.open(file);
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var name : from.names()) {
            var info = from.info(name);
            tensors.put(name, new Tensor(info.type(), info.shape(), from.tensor(name)));
        }
        change.accept(tensors);
        SafetensorsWriter.write(file, tensors, from.metadata());
    }
}
