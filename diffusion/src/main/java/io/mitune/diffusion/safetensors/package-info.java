/**
 * Weight files: safetensors read by mapping or staging, written whole; nothing in them is believed.
 */
package io.mitune.diffusion.safetensors;
