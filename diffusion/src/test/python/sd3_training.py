"""Adapters of peft on a case's SD3 transformer: forward, flow-matching losses, gradients, steps."""
import copy
import json

import torch
from diffusers import StableDiffusion3Pipeline
from diffusers.training_utils import (
    _collate_lora_metadata, compute_density_for_timestep_sampling, compute_loss_weighting_for_sd3)
from diffusers.utils import convert_state_dict_to_diffusers
from peft import LoraConfig, get_peft_model

from sd3_records import SHORT, TEXTS, denoise, embed
from training_records import gradients, state, trainable

RANK, ALPHA = 4, 6
TARGETS = ["attn.add_k_proj", "attn.add_q_proj", "attn.add_v_proj", "attn.to_add_out",
           "attn.to_k", "attn.to_out.0", "attn.to_q", "attn.to_v"]
STEPS, LEARNING_RATE, MAX_GRAD_NORM, BATCH = 10, 1e-3, 0.25, 3
WEIGHTINGS = ("none", "sigma_sqrt", "cosmap")
DENSITIES = {"logit_normal": dict(logit_mean=0.3, logit_std=1.2), "mode": dict(mode_scale=1.29),
             "none": {}}


def adapted(transformer, generator, dora):
    """An adapter whose B is not zero and, with DoRA, whose magnitude is not the norm."""
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, use_dora=dora, init_lora_weights="gaussian",
                        target_modules=TARGETS)
    transformer = get_peft_model(copy.deepcopy(transformer), config)
    with torch.no_grad():
        for name, p in trainable(transformer):
            noise = torch.randn(p.shape, generator=generator)
            if "magnitude" in name:
                p.mul_(1 + 0.1 * noise)
            else:
                p.copy_(noise / RANK if "lora_A" in name else 0.2 * noise)
    return transformer


def write_diffusers(transformer, folder, short_names):
    layers = state(transformer)
    if not short_names:
        layers = convert_state_dict_to_diffusers(layers)
    metadata = _collate_lora_metadata({"transformer": transformer})
    header = metadata["transformer_lora_adapter_metadata"]
    header["target_modules"] = sorted(header["target_modules"])  # a set, in any order
    StableDiffusion3Pipeline.save_lora_weights(
        folder, transformer_lora_layers=layers, **metadata)


def write_peft(transformer, folder):
    transformer.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text())
    config["base_model_name_or_path"] = ""  # peft wrote the path on the machine that ran this
    config["target_modules"] = sorted(config["target_modules"])
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def loss_of(prediction, batch, weighting, preconditioned):
    """As diffusers' SD3 training script has it: one weight by sigma, mean over all."""
    sigmas = batch["sigmas"].reshape(-1, 1, 1, 1)
    target = batch["noise"] - batch["latents"]
    if preconditioned:
        prediction = prediction * (-sigmas) + batch["noisy"]
        target = batch["latents"]
    weights = compute_loss_weighting_for_sd3(weighting, sigmas)
    squares = weights.float() * (prediction.float() - target.float()) ** 2
    return squares.reshape(len(target), -1).mean(1).mean(), weights.flatten()


def batch_of(scheduler, latents, noise, indices):
    """Noisy latents at the training times with these indices."""
    sigmas = scheduler.sigmas[indices]
    s = sigmas.reshape(-1, 1, 1, 1)
    return dict(latents=latents, noise=noise, indices=indices, sigmas=sigmas,
                timesteps=scheduler.timesteps[indices], noisy=(1 - s) * latents + s * noise,
                target=noise - latents)


def loss_records(prediction, batch):
    records = {"lora/preconditioned": prediction * -batch["sigmas"].reshape(-1, 1, 1, 1)
               + batch["noisy"]}
    for weighting in WEIGHTINGS:
        for kind, preconditioned in (("", False), ("_preconditioned", True)):
            loss, weights = loss_of(prediction, batch, weighting, preconditioned)
            records[f"lora/loss/{weighting}{kind}"] = loss.reshape(1)
        records[f"lora/weights/{weighting}"] = weights
    return {name: value.detach() for name, value in records.items()}


def gradient_records(transformer, batch, text, kind, prefix):
    weighting, preconditioned = {"mse": ("none", False),
                                 "sigma_sqrt_preconditioned": ("sigma_sqrt", True)}[kind]
    transformer.zero_grad()
    prediction = denoise(transformer, batch["noisy"], batch["timesteps"], text)
    loss, _ = loss_of(prediction, batch, weighting, preconditioned)
    loss.backward()
    records = {f"{prefix}/gradient/{kind}/{n}": g for n, g in gradients(transformer).items()}
    records |= {f"{prefix}/output": prediction.detach(),
                f"{prefix}/loss/{kind}": loss.detach().reshape(1)}
    return records, prediction


def optimizer_records(transformer, scheduler, latents, text, generator):
    parameters = [p for _, p in trainable(transformer)]
    optimizer = torch.optim.AdamW(
        parameters, lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2)
    noises = torch.randn(STEPS, *latents.shape, generator=generator)
    indices = torch.randint(0, 1000, (STEPS, BATCH), generator=generator)
    history, norms = [], []
    for noise, i in zip(noises, indices):
        optimizer.zero_grad()
        batch = batch_of(scheduler, latents, noise, i)
        prediction = denoise(transformer, batch["noisy"], batch["timesteps"], text)
        loss, _ = loss_of(prediction, batch, "none", False)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, MAX_GRAD_NORM))
        optimizer.step()
        history.append(loss.detach())
    records = {"steps/noises": noises, "steps/indices": indices,
               "steps/timesteps": scheduler.timesteps[indices],
               "steps/losses": torch.stack(history), "steps/gradient_norms": torch.stack(norms)}
    return records | {f"steps/final/{n}": v for n, v in state(transformer).items()}


def density_records():
    """The draw behind each density and what becomes of it, seeded so that both are known."""
    records = {}
    for name, options in DENSITIES.items():
        raw = torch.Generator().manual_seed(7)
        normal = name == "logit_normal"
        draw = torch.normal(0.0, 1.0, (16,), generator=raw) if normal else torch.rand(
            16, generator=raw)
        u = compute_density_for_timestep_sampling(
            name, 16, generator=torch.Generator().manual_seed(7), **options)
        records |= {f"density/{name}/draw": draw, f"density/{name}/u": u}
    return records


def record(pipeline, case, folder):
    generator = torch.Generator().manual_seed(case.seed + 2)
    scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
    latents = torch.randn(BATCH, 16, *case.latent, generator=generator)
    noise = torch.randn(latents.shape, generator=generator)
    with torch.no_grad():
        text = embed(pipeline, TEXTS[:BATCH], SHORT)
    batch = batch_of(scheduler, latents, noise, torch.tensor([30, 480, 985]))
    records = {f"train/{name}": value for name, value in batch.items()}
    records |= {"train/hidden": text[0], "train/pooled": text[1]}
    lora = adapted(pipeline.transformer, generator, dora=False)
    write_diffusers(lora, folder / "lora", True)
    lora_records, prediction = gradient_records(lora, batch, text, "mse", "lora")
    records |= lora_records | loss_records(prediction, batch) | density_records()
    dora = adapted(pipeline.transformer, generator, dora=True)
    write_peft(dora, folder / "peft")
    write_diffusers(dora, folder / "diffusers", case.short_names)
    for kind in ("mse", "sigma_sqrt_preconditioned"):
        records |= gradient_records(dora, batch, text, kind, "dora")[0]
    return records | optimizer_records(dora, scheduler, latents, text, generator)
