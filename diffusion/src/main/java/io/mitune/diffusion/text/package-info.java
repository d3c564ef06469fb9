/** Prompt text to token ids. */
package io.mitune.diffusion.text;
