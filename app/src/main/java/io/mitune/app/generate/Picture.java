package io.mitune.app.generate;

import io.mitune.diffusion.image.RgbImage;
import java.util.Optional;

/**
 * What was drawn.
 *
 * @param latents C x H x W values
 * @param image the decoded picture, where one is wanted
 */
record Picture(float[] latents, Optional<RgbImage> image) {}
