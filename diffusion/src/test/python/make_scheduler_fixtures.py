"""Writes ../resources/scheduler/schedulers.json: tables and whole trajectories of diffusers' own
schedulers on a closed-form stand-in for the denoiser.

Made with diffusers 0.42.1, torch 2.15.0:  python make_scheduler_fixtures.py
"""

import json
from pathlib import Path

import diffusers
import torch
from diffusers.pipelines.stable_diffusion_3.pipeline_stable_diffusion_3 import calculate_shift

CLASSES = {
    "ddpm": diffusers.DDPMScheduler,
    "ddim": diffusers.DDIMScheduler,
    "euler": diffusers.EulerDiscreteScheduler,
    "pndm": diffusers.PNDMScheduler,
}
FLOW = "flow-match-euler"
FLOWS = dict(_class_name="FlowMatchEulerDiscreteScheduler")
SD = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
SD21 = dict(SD, _class_name="DDIMScheduler", clip_sample=False, set_alpha_to_one=False, steps_offset=1)
PNDM21 = dict(
    SD, _class_name="PNDMScheduler", clip_sample=False, set_alpha_to_one=False, skip_prk_steps=True, steps_offset=1
)
V = {"prediction_type": "v_prediction"}

CASES = [
    (kind, config, steps)
    for kind in CLASSES
    for config in (
        SD21,
        PNDM21,
        dict(SD21, **V),
        dict(PNDM21, **V, timestep_spacing="trailing"),
        dict(SD, timestep_spacing="linspace"),
        dict(SD21, timestep_spacing="leading", beta_schedule="linear"),
        dict(PNDM21, beta_schedule="squaredcos_cap_v2", timestep_spacing="leading"),
        {"_class_name": CLASSES[kind].__name__},
    )
    for steps in (7, 12)
] + [
    ("ddpm", dict(SD21, variance_type="fixed_large"), 9),
    ("ddpm", dict(SD21, variance_type="fixed_small_log"), 9),
    ("ddpm", dict(SD21, clip_sample=True, clip_sample_range=0.7), 9),
    ("ddim", dict(SD21, clip_sample=True, clip_sample_range=0.7, **V), 9),
    ("ddim", dict(SD21, set_alpha_to_one=True), 9),
    ("ddim", dict(SD21, **V, rescale_betas_zero_snr=True, timestep_spacing="trailing"), 9),
    ("ddpm", dict(SD21, **V, rescale_betas_zero_snr=True, timestep_spacing="leading"), 9),
    ("euler", dict(SD21, **V, rescale_betas_zero_snr=True, timestep_spacing="trailing"), 9),
    ("euler", dict(SD, final_sigmas_type="sigma_min"), 9),
    ("euler", dict(SD, interpolation_type="log_linear"), 9),
    ("ddim", dict(SD21, num_train_timesteps=7, trained_betas=[0.1, 0.2, 0.15, 0.3, 0.4, 0.5, 0.6]), 3),
    ("pndm", dict(PNDM21), 1),
    ("pndm", dict(PNDM21), 2),
    ("ddpm", dict(SD21), 1),
    ("ddpm", dict(SD21), 50),
]
SD3 = dict(FLOWS, shift=3.0)
DYNAMIC = dict(FLOWS, use_dynamic_shifting=True)
FLOW_CASES = [
    (config, steps, side)
    for config, side in (
        (FLOWS, 64),
        (SD3, 64),
        (SD3, 128),
        (DYNAMIC, 32),
        (DYNAMIC, 128),
        (DYNAMIC, 90),
        (dict(DYNAMIC, time_shift_type="linear", base_shift=0.7, max_shift=1.9), 90),
        (dict(DYNAMIC, base_image_seq_len=100, max_image_seq_len=900, shift=3.0), 64),
        (dict(SD3, shift_terminal=0.1), 64),
        (dict(DYNAMIC, shift_terminal=0.02), 64),
        (dict(SD3, use_karras_sigmas=True), 64),
        (dict(DYNAMIC, use_exponential_sigmas=True), 64),
        (dict(SD3, stochastic_sampling=True), 64),
        (dict(SD3, num_train_timesteps=500), 64),
    )
    for steps in (2, 9, 28)
] + [(SD3, 1, 64), (SD3, 100, 64)]


def denoise(x, t):
    return 0.6 * x + 0.2 * torch.sin(3 * x + 0.01 * t)


def noise(i):
    return torch.tensor([0.9, -0.4, 0.1, -1.3]) * (1 if i % 2 else -0.5) + 0.05 * i


def prepared(kind, config, steps, side):
    """The scheduler as the pipelines set it up; only flow matching looks at the latents' side."""
    if kind != FLOW:
        scheduler = CLASSES[kind].from_config(dict(config))
        scheduler.set_timesteps(steps)
        return scheduler
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler.from_config(dict(config))
    c = scheduler.config
    more = {}
    if c.use_dynamic_shifting:
        more["mu"] = calculate_shift(
            (side // 2) ** 2, c.base_image_seq_len, c.max_image_seq_len, c.base_shift, c.max_shift
        )
    scheduler.set_timesteps(steps, **more)
    return scheduler


def trajectory(kind, config, steps, side=64):
    scheduler = prepared(kind, config, steps, side)
    scale = getattr(scheduler, "scale_model_input", lambda x, t: x)
    start = getattr(scheduler, "init_noise_sigma", 1.0)
    x = torch.tensor([[1.1, -0.7, 0.2, -0.05]]) * start
    samples = []
    calls = iter(range(10_000))
    import diffusers.schedulers.scheduling_ddpm as ddpm

    import diffusers.schedulers.scheduling_flow_match_euler_discrete as flow

    ddpm.randn_tensor = flow.randn_tensor = lambda *a, **k: noise(i)[None]
    for t in scheduler.timesteps:
        i = next(calls)
        prediction = denoise(scale(x, t), float(t))
        x = scheduler.step(prediction, t, x, return_dict=False)[0]
        samples.append([float(v) for v in x[0]])
    return {
        "kind": kind,
        "config": config,
        "steps": steps,
        "timesteps": [float(t) for t in scheduler.timesteps],
        "init": float(start),
        "samples": samples,
        **({"latent_side": side} if kind == FLOW else {}),
    }


def flow_table(config):
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler.from_config(dict(config))
    at = [0, 1, 2, 50, 250, 498, 499]
    return {"config": config, "at": at, "sigmas": [float(scheduler.sigmas[i]) for i in at]}


def tables(config):
    scheduler = diffusers.DDPMScheduler.from_config(dict(config))
    at = [0, 1, 2, 50, 499, 500, 998, 999]
    return {
        "config": config,
        "at": at,
        "betas": [float(scheduler.betas[t]) for t in at],
        "alphas_cumprod": [float(scheduler.alphas_cumprod[t]) for t in at],
    }


if __name__ == "__main__":
    out = Path(__file__).parent.parent / "resources/scheduler/schedulers.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    fixture = {
        "made_with": f"diffusers {diffusers.__version__}, torch {torch.__version__.split('+')[0]}",
        "schedules": [
            tables(c)
            for c in (SD, {}, {"beta_schedule": "squaredcos_cap_v2"}, dict(SD, rescale_betas_zero_snr=True))
        ],
        "flows": [flow_table(c) for c in (FLOWS, SD3, DYNAMIC, dict(SD3, num_train_timesteps=500))],
        "trajectories": [trajectory(*case) for case in CASES]
        + [trajectory(FLOW, *case) for case in FLOW_CASES],
    }
    out.write_text(json.dumps(fixture).replace('}, {"kind"', '},\n{"kind"') + "\n")
