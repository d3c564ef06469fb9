package io.mitune.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.diffusion.model.TextEmbedding;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One folder of test/resources/parity: a tiny model and what the Python libraries make of it. */
public final class ParityCase {
    /** Cases of rectified flow, which have other records of sampling and training. */
    public static final List<String> FLOW = List.of("sd35-fp32", "sd3-bf16");

    /** All cases of diffusion that have a model. */
    public static final List<String> NAMES =
            List.of("epsilon-fp32", "velocity-fp16", "sharded-bf16", "xl-fp32", "xl-fp16");

    private final Path directory;
    private final SafetensorsFile records;

    private ParityCase(Path directory) {
        this.directory = directory;
        records = SafetensorsFile.open(directory.resolve("io.safetensors"));
    }

    public static ParityCase of(String name) {
        try {
            var url = ParityCase.class.getResource("/parity/" + name);
            return new ParityCase(Path.of(url.toURI()));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** A diffusers directory. */
    public Path model() {
        return directory.resolve("model");
    }

    /** Copies the model to a directory that does not exist yet, to be damaged. */
    public void copyModel(Path to) throws IOException {
        try (var files = Files.walk(model())) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(model().relativize(file).toString()));
            }
        }
    }

    public Path directory() {
        return directory;
    }

    /** case.json. */
    public JsonNode settings() {
        try {
            return new ObjectMapper().readTree(Files.readAllBytes(directory.resolve("case.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean has(String key) {
        return records.names().contains(key);
    }

    public SafetensorsFile records() {
        return records;
    }

    /** A record in its own type. */
    public NDArray get(NDManager manager, String key) {
        var info = records.info(key);
        var type =
                switch (info.type()) {
                    case F32 -> DataType.FLOAT32;
                    case F64 -> DataType.FLOAT64;
                    case I64 -> DataType.INT64;
                    default -> throw new IllegalArgumentException(key + ": " + info.type());
                };
        return manager.create(records.tensor(key), new Shape(info.dims()), type);
    }

    /** The texts of a call: {@code hidden} and, where there is one, {@code pooled} below a name. */
    public TextEmbedding text(NDManager manager, String name) {
        return new TextEmbedding(
                get(manager, name + "/hidden"),
                has(name + "/pooled")
                        ? Optional.of(get(manager, name + "/pooled"))
                        : Optional.empty());
    }

    /** A record of integers as fp32. */
    public NDArray floats(NDManager manager, String key) {
        return get(manager, key).toType(DataType.FLOAT32, false);
    }

    /** A record on the heap, rounded to fp32. */
    public float[] values(String key) {
        try (var manager = NDManager.newBaseManager()) {
            return floats(manager, key).toFloatArray();
        }
    }

    /** Largest difference from a record over the record's largest value. */
    public double relativeError(String key, float[] found) {
        return relativeError(values(key), found);
    }

    /** Largest difference over the largest expected value; NaN where something found is. */
    public static double relativeError(float[] expected, float[] found) {
        assertEquals(expected.length, found.length);
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs((double) found[i] - expected[i]);
            difference = error <= difference ? difference : error;
            size = Math.max(size, Math.abs(expected[i]));
        }
        return difference == 0 ? 0 : difference / size; // all may be 0, as unused gradients are
    }

    /**
     * Compares by the largest difference over the largest expected value.
     *
     * @param tolerance 1e-4 unless the case says why more
     */
    public void assertClose(String key, float[] found, double tolerance) {
        assertSmall(key, relativeError(key, found), tolerance);
    }

    /** Prints a relative error and compares it with what is allowed. */
    public void assertSmall(String what, double relative, double tolerance) {
        System.out.printf("%s %s: relative error %.2e%n", directory.getFileName(), what, relative);
        assertTrue(
                relative <= tolerance,
                "%s %s: expected a relative error of at most %s, found %s"
                        .formatted(directory.getFileName(), what, tolerance, relative));
    }

    /**
     * Compares by the largest difference over the largest expected value.
     *
     * @param tolerance 1e-4 unless the case says why more
     */
    public void assertClose(String key, NDArray found, double tolerance) {
        try (var manager = found.getManager().newSubManager()) {
            var expected = floats(manager, key);
            assertEquals(expected.getShape(), found.getShape(), key);
            double error = found.sub(expected).abs().max().getFloat();
            assertSmall(key, error / expected.abs().max().getFloat(), tolerance);
        }
    }
}
