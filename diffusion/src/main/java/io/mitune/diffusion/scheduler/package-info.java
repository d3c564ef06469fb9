/** Noise schedules and samplers, driven by a diffusers {@code scheduler_config.json}. */
package io.mitune.diffusion.scheduler;
