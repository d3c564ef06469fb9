package io.mitune.app.generate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * All latents in one file, {@code latents.safetensors}, key {@code latents}, fp32 [n, C, H, W].
 *
 * <p>Until all are there, each lies in a file of its own below {@code latents.parts}, so that a
 * killed run loses none.
 */
final class LatentsStore implements PictureStore {
    private static final String FILE = "latents.safetensors";
    private static final String KEY = "latents";

    private final Path folder;
    private final Path parts;
    private GenerateSettings settings;
    private boolean whole;

    LatentsStore(Path folder) {
        this.folder = folder;
        this.parts = folder.resolve("latents.parts");
    }

    @Override
    public String type() {
        return "latent";
    }

    @Override
    public void open(GenerateSettings settings, boolean complete) throws IOException {
        this.settings = settings;
        whole = complete && count(folder.resolve(FILE)) == settings.images();
        if (!whole) {
            Files.createDirectories(parts);
        }
    }

    @Override
    public boolean holds(int image) {
        return whole || count(part(image)) == settings.latent().get(0);
    }

    @Override
    public String put(int image, Picture picture, ObjectNode row) {
        var shape = settings.latent();
        var tensor = Tensor.f32(picture.latents(), shape.getShape());
        SafetensorsWriter.write(part(image), Map.of(KEY, tensor), Map.of());
        return FILE;
    }

    @Override
    public void finish() throws IOException {
        if (!whole) {
            join();
        }
        for (var image = 0; image < settings.images(); image++) {
            Files.deleteIfExists(part(image));
        }
        Files.deleteIfExists(parts);
    }

    @Override
    public boolean needsImages() {
        return false;
    }

    private void join() {
        var n = settings.images();
        var size = Math.toIntExact(settings.latent().size());
        var all = new float[Math.multiplyExact(n, size)];
        for (var image = 0; image < n; image++) {
            var part = SafetensorsFile.open(part(image)).tensor(KEY).asFloatBuffer();
            part.get(all, image * size, size);
        }
        var shape = settings.latent();
        var tensor = Tensor.f32(all, n, shape.get(0), shape.get(1), shape.get(2));
        SafetensorsWriter.write(folder.resolve(FILE), Map.of(KEY, tensor), Map.of("format", "pt"));
    }

    /** Entries of the first axis; none when the file is missing or cut short. */
    private static long count(Path file) {
        try {
            return SafetensorsFile.open(file).info(KEY).shape().get(0);
        } catch (ModelFileException e) {
            return 0;
        }
    }

    private Path part(int image) {
        return parts.resolve(String.format(Locale.ROOT, "%06d.safetensors", image));
    }
}
