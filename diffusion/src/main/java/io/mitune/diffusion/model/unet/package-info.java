/** The denoiser of Stable Diffusion 2, stage by stage. */
package io.mitune.diffusion.model.unet;
