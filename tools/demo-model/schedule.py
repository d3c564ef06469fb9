"""The noise schedule and what training needs of it; a training clock that runs on wall time."""
import math
import time

import torch
from diffusers import DDIMScheduler

TRAIN_STEPS = 1000


def scheduler():
    """Stable Diffusion 2.1-base's."""
    return DDIMScheduler(
        num_train_timesteps=TRAIN_STEPS, beta_start=0.00085, beta_end=0.012,
        beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1,
        prediction_type="epsilon", timestep_spacing="leading")


ALPHAS_CUMPROD = scheduler().alphas_cumprod


def add_noise(latents, noise, t):
    abar = ALPHAS_CUMPROD[t].view(-1, 1, 1, 1)
    return abar.sqrt() * latents + (1 - abar).sqrt() * noise


def min_snr_weights(t, gamma=5.0):
    snr = ALPHAS_CUMPROD[t] / (1 - ALPHAS_CUMPROD[t])
    return snr.clamp(max=gamma) / snr


class Clock:
    """Progress through a budget of minutes, and the learning rate: warm-up, then cosine."""

    def __init__(self, minutes, peak, warmup_steps, final):
        self.seconds, self.peak = minutes * 60, peak
        self.warmup_steps, self.final = warmup_steps, final
        self.begin = time.monotonic()

    def progress(self):
        return (time.monotonic() - self.begin) / self.seconds

    def learning_rate(self, step):
        cosine = 0.5 * (1 + math.cos(math.pi * min(1, self.progress())))
        warm = min(1, (step + 1) / self.warmup_steps)
        return self.peak * warm * (self.final + (1 - self.final) * cosine)
