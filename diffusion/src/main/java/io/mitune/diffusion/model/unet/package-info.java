/** The denoiser of Stable Diffusion 1, 2 and XL, stage by stage. */
package io.mitune.diffusion.model.unet;
