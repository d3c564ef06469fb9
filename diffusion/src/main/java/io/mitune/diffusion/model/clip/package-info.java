/** The text towers of CLIP. */
package io.mitune.diffusion.model.clip;
