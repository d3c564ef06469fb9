/** DoRA and LoRA adapters: arithmetic, merging, files (method: DoRA, arXiv 2402.09353). */
package io.mitune.diffusion.adapter;
