/** Pictures in memory, PNG files with text, contact sheets. */
package io.mitune.diffusion.image;
