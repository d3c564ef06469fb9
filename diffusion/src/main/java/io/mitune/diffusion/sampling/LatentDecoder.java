package io.mitune.diffusion.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.model.vae.AutoencoderKl;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Latents to pictures, some at a time: the autoencoder's activations are what fills a device.
 *
 * <p>Not thread-safe: one tensor job at a time on a device.
 */
public final class LatentDecoder {
    /** One picture of 512 x 512: its decoder needs 0.9 GiB in fp32. */
    private static final long CHUNK_PIXELS = 1 << 18;

    private final NDManager manager;
    private final AutoencoderKl vae;

    public LatentDecoder(NDManager manager, AutoencoderKl vae) {
        this.manager = manager;
        this.vae = vae;
    }

    /**
     * Decodes.
     *
     * @param latents final latents of the denoiser, C x H x W values each
     * @param latent C, H, W
     */
    public List<RgbImage> decode(List<float[]> latents, Shape latent) {
        long scale = vae.config().scale();
        long pixels = latent.get(1) * latent.get(2) * scale * scale;
        int chunk = (int) Math.max(1, Math.min(latents.size(), CHUNK_PIXELS / pixels));
        var images = new ArrayList<RgbImage>(latents.size());
        for (int from = 0; from < latents.size(); from += chunk) {
            int to = Math.min(latents.size(), from + chunk);
            images.addAll(decodeTogether(latents.subList(from, to), latent));
        }
        return images;
    }

    private List<RgbImage> decodeTogether(List<float[]> latents, Shape latent) {
        var values = FloatBuffer.allocate(Math.toIntExact(latents.size() * latent.size()));
        latents.forEach(values::put);
        try (var scope = manager.newSubManager()) {
            var shape = new Shape(latents.size()).addAll(latent);
            var z = scope.create(values.rewind(), shape, DataType.FLOAT32);
            z.divi(vae.config().scalingFactor()).addi(vae.config().shiftFactor());
            return toImages(vae.decode(z));
        }
    }

    /** [B, 3, H, W] in [-1, 1], clipped and rounded to bytes as diffusers does. */
    private static List<RgbImage> toImages(NDArray decoded) {
        int height = Math.toIntExact(decoded.getShape().get(2));
        int width = Math.toIntExact(decoded.getShape().get(3));
        var unit = decoded.mul(0.5).addi(0.5).clip(0, 1).muli(255).round();
        var bytes = unit.transpose(0, 2, 3, 1).toType(DataType.UINT8, true).toByteBuffer();
        var images = new ArrayList<RgbImage>();
        while (bytes.hasRemaining()) {
            var pixels = new byte[height * width * 3];
            bytes.get(pixels);
            images.add(new RgbImage(width, height, pixels));
        }
        return images;
    }
}
