/** The denoiser of Stable Diffusion 3 and 3.5, stage by stage. */
package io.mitune.diffusion.model.sd3;
