package io.mitune.app.export;

import io.mitune.app.cli.UserError;
import io.mitune.app.export.files.NpyFile;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.workers.generation.LatentsBlob;
import java.util.Map;

/** How latents go along with the pictures. */
enum LatentsForm {
    NONE,
    SAFETENSORS,
    NPY;

    static LatentsForm of(String name) {
        return switch (name) {
            case "none" -> NONE;
            case "safetensors" -> SAFETENSORS;
            case "npy" -> NPY;
            default ->
                    throw new UserError(
                            "--latents: expected none, safetensors or npy, found " + name);
        };
    }

    /** The file of one sample, shape [1, C, H, W]. */
    Item.File file(String column, LatentsBlob.Latents latents) {
        var shape = latents.shape();
        var tensor = Tensor.f32(latents.values(), 1, shape[0], shape[1], shape[2]);
        return switch (this) {
            case NPY -> new Item.File(column, "npy", NpyFile.bytes(tensor));
            case SAFETENSORS, NONE -> {
                var named = Map.of(LatentsBlob.KEY, tensor);
                var bytes = SafetensorsWriter.bytes(named, Map.of("format", "pt")).array();
                yield new Item.File(column, "safetensors", bytes);
            }
        };
    }
}
