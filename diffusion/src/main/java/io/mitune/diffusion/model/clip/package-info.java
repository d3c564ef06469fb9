/** The text tower of CLIP. */
package io.mitune.diffusion.model.clip;
