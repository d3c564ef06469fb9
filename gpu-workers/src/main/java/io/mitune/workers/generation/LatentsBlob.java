package io.mitune.workers.generation;

import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.SafetensorsFile;
import io.mitune.diffusion.safetensors.SafetensorsWriter;
import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.diffusion.safetensors.TensorType;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Final latents of one sample as a blob: a safetensors file with the key {@value #KEY}, fp32, [1,
 * C, H, W], which diffusers takes as its {@code latents} argument.
 */
public final class LatentsBlob {
    public static final String KEY = "latents";
    private static final String KIND = "latents";
    private static final int MAX_VALUES = 1 << 26;

    private LatentsBlob() {}

    /**
     * Latents in memory.
     *
     * @param shape C, H, W
     * @param values row-major
     */
    public record Latents(long[] shape, float[] values) {}

    /** Stores the latents of one sample. */
    public static BlobRef put(BlobStore blobs, Latents latents) {
        long[] s = latents.shape();
        var tensor = Tensor.f32(latents.values(), 1, s[0], s[1], s[2]);
        var bytes = SafetensorsWriter.bytes(Map.of(KEY, tensor), Map.of("format", "pt"));
        var shape = tensor.shape().stream().map(Math::toIntExact).toList();
        return blobs.put(KIND, "safetensors", bytes, TensorType.F32.name(), shape);
    }

    /**
     * The latents of a reference, verified.
     *
     * @throws BlobException in one line, when the blob is missing, damaged or something else
     */
    public static Latents get(BlobStore blobs, BlobRef ref) {
        var path = blobs.resolve(ref);
        try {
            var file = SafetensorsFile.open(path);
            var info = file.info(KEY);
            List<Long> shape = info.shape();
            if (info.type() != TensorType.F32 || shape.size() != 4 || shape.get(0) != 1) {
                throw new BlobException(
                        "blob %s: key %s: expected F32 [1, C, H, W], found %s %s"
                                .formatted(path, KEY, info.type(), shape));
            }
            long[] chw = shape.stream().skip(1).mapToLong(Long::longValue).toArray();
            long size = Arrays.stream(chw).reduce(1, Math::multiplyExact);
            if (size < 1 || size > MAX_VALUES) {
                throw new BlobException(
                        "blob %s: key %s: expected 1 to %d values, found %d"
                                .formatted(path, KEY, MAX_VALUES, size));
            }
            float[] values = new float[Math.toIntExact(size)];
            file.tensor(KEY).asFloatBuffer().get(values);
            return new Latents(chw, values);
        } catch (ModelFileException e) {
            throw new BlobException(e.getMessage(), e);
        }
    }
}
