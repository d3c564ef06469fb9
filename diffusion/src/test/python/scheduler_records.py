"""Schedulers alone: every kind, spacing and prediction type on given model outputs."""
import torch
from diffusers import DDIMScheduler, DDPMScheduler, EulerDiscreteScheduler, PNDMScheduler
from diffusers.schedulers import scheduling_ddpm

from cases import SCHEDULER

KINDS = {"ddim": (DDIMScheduler, {}), "ddpm": (DDPMScheduler, {}),
         "euler": (EulerDiscreteScheduler, {}), "pndm": (PNDMScheduler, dict(skip_prk_steps=True))}
SPACINGS = ("leading", "trailing", "linspace")
PREDICTIONS = ("epsilon", "v_prediction")
STEPS, SHAPE = 7, (2, 4, 3, 2)


def run(scheduler, start, outputs, noises):
    """States after each step; the model's outputs are given, whatever the state."""
    scheduler.set_timesteps(STEPS)
    x, states = start * scheduler.init_noise_sigma, []
    for i, t in enumerate(scheduler.timesteps):
        scheduler.scale_model_input(x, t)
        scheduling_ddpm.randn_tensor = lambda *_, **__: noises[i]
        x = scheduler.step(outputs[i], t, x).prev_sample
        states.append(x)
    return torch.stack(states)


def record():
    generator = torch.Generator().manual_seed(7)
    start = torch.randn(SHAPE, generator=generator)
    outputs = torch.randn(STEPS + 1, *SHAPE, generator=generator)
    noises = torch.randn(STEPS + 1, *SHAPE, generator=generator)
    records = {"start": start, "outputs": outputs, "noises": noises}
    for kind, (scheduler_class, extra) in KINDS.items():
        for spacing in SPACINGS:
            for prediction in PREDICTIONS:
                options = SCHEDULER | extra | dict(
                    timestep_spacing=spacing, prediction_type=prediction)
                if kind in ("ddpm", "euler"):
                    options.pop("set_alpha_to_one")
                if kind in ("euler", "pndm"):
                    options.pop("clip_sample")
                scheduler = scheduler_class(**options)
                name = f"{kind}/{spacing}/{prediction}"
                records[f"{name}/states"] = run(scheduler, start, outputs, noises)
                records[f"{name}/timesteps"] = scheduler.timesteps
    return records
