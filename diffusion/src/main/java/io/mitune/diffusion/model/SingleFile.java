package io.mitune.diffusion.model;

import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Recognises checkpoints in one file, with the key names of the models' first publishers.
 *
 * <p>They are not read: such a file holds neither tokenizers nor configurations, so each of its
 * values would be a guess. What it is called in diffusers can be told from its keys, and with that
 * how to convert it. Stateless.
 */
final class SingleFile {
    private SingleFile() {}

    /** What to say of a path that is such a file, or a directory of nothing but such files. */
    static Optional<ModelFileException> refusal(Path path) {
        if (Files.isRegularFile(path)) {
            return Optional.of(refuse(path));
        }
        if (!Files.isDirectory(path) || Files.exists(path.resolve(ModelIndex.FILE))) {
            return Optional.empty();
        }
        try (var files = Files.list(path)) {
            return files.filter(f -> isPickle(f) || isSafetensors(f))
                    .min(Comparator.naturalOrder())
                    .map(SingleFile::refuse);
        } catch (IOException e) {
            throw new ModelFileException(path, "cannot be read: " + e.getMessage(), e);
        }
    }

    private static ModelFileException refuse(Path file) {
        if (!isPickle(file) && !isSafetensors(file)) {
            return new ModelFileException(
                    file, "expected a diffusers model directory, found a file");
        }
        var pipeline =
                isPickle(file)
                        ? Optional.of(Family.SD.className()) // later families come as safetensors
                        : pipeline(SafetensorsFile.open(file).names());
        if (pipeline.isEmpty()) {
            return new ModelFileException(
                    file,
                    "expected a diffusers model directory, found a file that is no whole model");
        }
        var name = file.getFileName().toString();
        var directory = name.substring(0, name.lastIndexOf('.'));
        return new ModelFileException(
                file,
                "expected a diffusers model directory, found a checkpoint in one file; convert it"
                        + " with %s.from_single_file('%s').save_pretrained('%s') of Python's"
                                .formatted(pipeline.get(), name, directory)
                        + " diffusers and give the directory %s".formatted(directory));
    }

    private static Optional<String> pipeline(Set<String> keys) {
        var family =
                List.of(
                                new Mark("conditioner.embedders.", Family.SDXL),
                                new Mark("model.diffusion_model.joint_blocks.", Family.SD3),
                                new Mark("cond_stage_model.", Family.SD))
                        .stream()
                        .filter(m -> keys.stream().anyMatch(k -> k.startsWith(m.prefix)))
                        .findFirst();
        return family.map(m -> m.family.className());
    }

    /** Keys that only one family has. */
    private record Mark(String prefix, Family family) {}

    private static boolean isPickle(Path file) {
        return file.toString().endsWith(".ckpt");
    }

    private static boolean isSafetensors(Path file) {
        return file.toString().endsWith(".safetensors");
    }
}
