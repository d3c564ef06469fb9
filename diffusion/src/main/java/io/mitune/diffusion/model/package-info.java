/**
 * Models as diffusers stores them, checked and loaded; {@link
 * io.mitune.diffusion.model.StableDiffusion} is where to start.
 */
package io.mitune.diffusion.model;
