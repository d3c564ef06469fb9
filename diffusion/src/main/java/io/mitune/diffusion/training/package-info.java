/** Fine-tuning of adapters on curated pairs: loss, optimizer, schedules, resumable state. */
package io.mitune.diffusion.training;
