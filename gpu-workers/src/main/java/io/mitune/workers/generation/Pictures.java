package io.mitune.workers.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.model.StableDiffusion;
import java.util.ArrayList;
import java.util.List;

/** Latents to pictures by the model's autoencoder, as diffusers' image processor does. */
final class Pictures {
    private Pictures() {}

    /** One picture per latent; all have one shape. */
    static List<RgbImage> decode(StableDiffusion model, List<LatentsBlob.Latents> latents) {
        var config = model.vaeConfig();
        long[] chw = latents.get(0).shape();
        try (var scratch = model.manager().newSubManager()) {
            var pictures = new ArrayList<RgbImage>();
            // one by one: the decoder's activations are the largest of all
            for (var one : latents) {
                NDArray z = scratch.create(one.values(), new Shape(1, chw[0], chw[1], chw[2]));
                z = z.div(config.scalingFactor()).addi(config.shiftFactor());
                try (var image = model.vae().decode(z)) {
                    pictures.add(picture(image));
                }
            }
            return pictures;
        }
    }

    /** [1, 3, H, W] about [-1, 1], rounded to bytes. */
    private static RgbImage picture(NDArray image) {
        int height = (int) image.getShape().get(2);
        int width = (int) image.getShape().get(3);
        float[] values = image.toFloatArray();
        byte[] pixels = new byte[values.length];
        int plane = height * width;
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < plane; i++) {
                float unit = Math.min(1, Math.max(0, values[c * plane + i] / 2 + 0.5f));
                pixels[3 * i + c] = (byte) Math.rint(unit * 255);
            }
        }
        return new RgbImage(width, height, pixels);
    }
}
