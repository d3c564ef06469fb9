/** The autoencoder between pictures and latents. */
package io.mitune.diffusion.model.vae;
