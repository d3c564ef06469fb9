"""The model, its samplers and the point-wise mutual information of its samples."""
import hashlib

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, DDPMScheduler, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from finish_vae import to_images
from schedule import ALPHAS_CUMPROD, TRAIN_STEPS, scheduler

BATCH = 64
SAMPLERS = {"ddim": DDIMScheduler, "ddpm": DDPMScheduler}


class Model:
    """The four parts of a diffusers directory, computing in fp32."""

    def __init__(self, folder):
        options = dict(torch_dtype=torch.float32)
        self.unet = UNet2DConditionModel.from_pretrained(folder / "unet", **options).eval()
        self.text = CLIPTextModel.from_pretrained(
            folder / "text_encoder", dtype=torch.float32).eval()
        self.vae = AutoencoderKL.from_pretrained(folder / "vae", **options).eval()
        self.tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")

    @torch.no_grad()
    def embed(self, captions):
        ids = self.tokenizer(
            list(captions), padding="max_length", truncation=True,
            max_length=self.tokenizer.model_max_length, return_tensors="pt").input_ids
        return self.text(ids)[0]

    @torch.no_grad()
    def decode(self, latents):
        """uint8 [n, 64, 64, 3]"""
        scaled = latents / self.vae.config.scaling_factor
        return np.concatenate([to_images(self.vae.decode(z).sample) for z in scaled.split(BATCH)])


def noise_of(key, count):
    """The noises of one sample: a function of its key alone, not of its batch."""
    seed = int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:7], "big")
    return torch.randn(count, 4, 8, 8, generator=torch.Generator().manual_seed(seed))


def posterior_noise(steps, t, x, predicted, noise):
    """A DDPM step with the given noise in place of the scheduler's own."""
    abar = ALPHAS_CUMPROD[t]
    previous = t - TRAIN_STEPS // steps
    before = ALPHAS_CUMPROD[previous] if previous >= 0 else torch.tensor(1.0)
    alpha = abar / before
    original = (x - (1 - abar).sqrt() * predicted) / abar.sqrt()
    mean = before.sqrt() * (1 - alpha) / (1 - abar) * original
    mean = mean + alpha.sqrt() * (1 - before) / (1 - abar) * x
    return mean + ((1 - before) / (1 - abar) * (1 - alpha)).sqrt() * noise


@torch.no_grad()
def sample_batch(model, captions, keys, steps, guidance, sampler):
    table = SAMPLERS[sampler].from_config(scheduler().config)
    table.set_timesteps(steps)
    noises = torch.stack([noise_of(key, steps + 1) for key in keys], 1)
    x, distances = noises[0], []
    hidden = torch.cat([model.embed([""]).expand(len(captions), -1, -1), model.embed(captions)])
    for i, t in enumerate(table.timesteps):
        u, c = model.unet(torch.cat([x, x]), t, hidden).sample.chunk(2)
        distances.append((u - c).square().sum((1, 2, 3)))
        guided = u + guidance * (c - u)
        if sampler == "ddim":
            x = table.step(guided, t, x).prev_sample
        else:
            x = posterior_noise(steps, t, x, guided, noises[i + 1])
    return x, torch.stack(distances, 1), table.timesteps


def sample(model, captions, keys, steps, guidance, sampler):
    """-> latents [n, 4, 8, 8], distances ||eps_u - eps_c||^2 [n, steps], timesteps [steps]"""
    latents, distances = [], []
    for i in range(0, len(captions), BATCH):
        some = slice(i, i + BATCH)
        z, d, timesteps = sample_batch(
            model, captions[some], keys[some], steps, guidance, sampler)
        latents.append(z)
        distances.append(d)
        print(f"  {i + len(z)} of {len(captions)} samples", flush=True)
    return torch.cat(latents), torch.cat(distances), timesteps


def mutual_information(distances, timesteps, cut=50, weighted=True):
    """Mean over the steps with t > cut of w ||eps_u - eps_c||^2, w = beta T / (2 (1 - abar))."""
    t = timesteps[timesteps > cut]
    weights = torch.ones(len(t))
    if weighted:
        weights = scheduler().betas[t] * TRAIN_STEPS / (2 * (1 - ALPHAS_CUMPROD[t]))
    return (distances[..., timesteps > cut] * weights).mean(-1)
