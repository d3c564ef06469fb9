"""The trained demo model in diffusers: latents of three samplers, MI and pictures."""
import pathlib

import torch
from diffusers import StableDiffusionPipeline

from inference_records import (
    OTHER_SCHEDULERS, epsilon_distance, guided, mutual_information)
from texts import embed_guided

MODEL = pathlib.Path(__file__).parents[4] / "demo" / "model"
PROMPTS = ["a red circle and a blue square", "three green crosses",
           "a purple ring above a red star"]
STEPS, GUIDANCE = 25, 2.0
SETTINGS = dict(prompts=PROMPTS, negative_prompt="", steps=STEPS, guidance=GUIDANCE)


def trajectory(pipeline, scheduler, start, text):
    """Final latents, and the distance of the two predictions at each step."""
    scheduler.set_timesteps(STEPS)
    x, distances = start * scheduler.init_noise_sigma, []
    for t in scheduler.timesteps:
        u, c = guided(pipeline, scheduler, x, t, text)
        if scheduler is pipeline.scheduler:
            distances.append(epsilon_distance(scheduler, u, c, t))
        x = scheduler.step(u + GUIDANCE * (c - u), t, x).prev_sample
    return x, distances


@torch.no_grad()
def record():
    pipeline = StableDiffusionPipeline.from_pretrained(
        MODEL, dtype=torch.float32, safety_checker=None)
    generator = torch.Generator().manual_seed(404)
    start = torch.randn(len(PROMPTS), 4, 8, 8, generator=generator)
    text = embed_guided(pipeline, PROMPTS, "")
    ddim = pipeline.scheduler
    latents, distances = trajectory(pipeline, ddim, start, text)
    distances = torch.stack(distances)
    image = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor).sample
    records = {"start": start, "ddim/final": latents, "ddim/distances": distances,
               "ddim/mi": mutual_information(ddim, ddim.timesteps, distances),
               "ddim/image": image}
    for name in ("euler", "pndm"):
        scheduler = OTHER_SCHEDULERS[name].from_config(ddim.config)
        records[f"{name}/final"] = trajectory(pipeline, scheduler, start, text)[0]
    return records
