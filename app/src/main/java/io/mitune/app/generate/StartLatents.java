package io.mitune.app.generate;

import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.TensorType;
import io.mitune.schemas.Identity;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Start noise from a safetensors file, key {@code latents}, fp32 [n, C, H, W], as diffusers' {@code
 * latents} argument: before the scheduler scales it. Immutable.
 */
final class StartLatents {
    private static final String KEY = "latents";

    private final Path file;
    private final List<Long> shape;
    private final ByteBuffer data;
    private final String sha256;

    private StartLatents(Path file, List<Long> shape, ByteBuffer data) {
        this.file = file;
        this.shape = shape;
        this.data = data;
        this.sha256 = Identity.sha256(data);
    }

    static StartLatents read(Path file) {
        var opened = SafetensorsFile.open(file);
        var info = opened.info(KEY);
        if (info.type() != TensorType.F32 || info.shape().size() != 4) {
            throw new ModelFileException(
                    file,
                    "key %s: expected F32 [n, C, H, W], found %s %s"
                            .formatted(KEY, info.type(), info.shape()));
        }
        return new StartLatents(file, info.shape(), opened.tensor(KEY));
    }

    /** An error unless there is noise of this shape for exactly so many images. */
    void require(int images, Shape latent) {
        var expected = List.of((long) images, latent.get(0), latent.get(1), latent.get(2));
        if (!shape.equals(expected)) {
            throw new ModelFileException(
                    file, "key %s: expected shape %s, found %s".formatted(KEY, expected, shape));
        }
    }

    /** Names the noise by its content. */
    String sha256() {
        return sha256;
    }

    /** Rows of each image's latents. */
    int height() {
        return Math.toIntExact(shape.get(2));
    }

    /** Columns of each image's latents. */
    int width() {
        return Math.toIntExact(shape.get(3));
    }

    /** The noise of one image. */
    float[] of(int image) {
        var size = Math.toIntExact(shape.get(1) * shape.get(2) * shape.get(3));
        var values = new float[size];
        var floats = data.duplicate().order(data.order()).asFloatBuffer();
        floats.get(Math.multiplyExact(image, size), values);
        return values;
    }
}
