"""DoRA with peft on a case's UNet: forward, losses, every gradient, ten optimizer steps, files."""
import json

import torch
from diffusers.training_utils import _collate_lora_metadata, compute_snr
from diffusers.utils import convert_state_dict_to_diffusers
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict

from inference_records import TEXTS
from texts import denoise, embed

RANK, ALPHA, TARGETS = 4, 6, ["to_q", "to_k", "to_v", "to_out.0"]
STEPS, LEARNING_RATE, MAX_GRAD_NORM, SNR_GAMMA, NOISE_OFFSET = 10, 1e-3, 0.25, 5.0, 0.1
BATCH = 3


def adapted(unet, generator):
    """The UNet with a DoRA adapter whose B is not zero and whose magnitude is not the norm."""
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, use_dora=True, init_lora_weights="gaussian",
                        target_modules=TARGETS)
    unet = get_peft_model(unet, config)
    with torch.no_grad():
        for name, p in trainable(unet):
            noise = torch.randn(p.shape, generator=generator)
            if "magnitude" in name:
                p.mul_(1 + 0.1 * noise)
            else:
                p.copy_(noise / RANK if "lora_A" in name else 0.2 * noise)
    return unet


def trainable(unet):
    return [(n, p) for n, p in unet.named_parameters() if p.requires_grad]


def state(unet):
    """Adapter tensors by the names of peft's own file."""
    return {k.removeprefix("base_model.model."): v.detach().clone()
            for k, v in get_peft_model_state_dict(unet).items()}


def gradients(unet):
    names = {id(p): n for n, p in trainable(unet)}
    short = {}
    for p in (p for _, p in trainable(unet)):
        name = names[id(p)].removeprefix("base_model.model.").replace(".default", "")
        short[name.replace("vector.weight", "vector")] = p.grad.clone()
    assert short.keys() == state(unet).keys()
    return short


def target_of(scheduler, latents, noise, timesteps):
    if scheduler.config.prediction_type == "v_prediction":
        return scheduler.get_velocity(latents, noise, timesteps)
    return noise


def losses(scheduler, prediction, target, timesteps):
    """Plain and min-SNR-weighted mean squared error, as diffusers' training scripts have it."""
    plain = (prediction - target).square().mean((1, 2, 3))
    snr = compute_snr(scheduler, timesteps)
    divisor = snr + 1 if scheduler.config.prediction_type == "v_prediction" else snr
    weights = torch.clamp(snr, max=SNR_GAMMA) / divisor
    return plain.mean(), (plain * weights).mean(), weights


def gradient_records(unet, scheduler, batch, records):
    x, t, text, target = batch
    for kind in ("mse", "min_snr"):
        unet.zero_grad()
        prediction = denoise(unet, x, t, text)
        plain, weighted, weights = losses(scheduler, prediction, target, t)
        loss = plain if kind == "mse" else weighted
        loss.backward()
        records[f"dora/loss/{kind}"] = loss.detach().reshape(1)
        records |= {f"dora/gradient/{kind}/{n}": g for n, g in gradients(unet).items()}
    records["dora/output"] = prediction.detach()
    records["dora/min_snr_weights"] = weights


def optimizer_records(unet, scheduler, latents, text, generator, records):
    parameters = [p for _, p in trainable(unet)]
    optimizer = torch.optim.AdamW(
        parameters, lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2)
    noises = torch.randn(STEPS, *latents.shape, generator=generator)
    timesteps = torch.randint(0, 1000, (STEPS, BATCH), generator=generator)
    history, norms = [], []
    for noise, t in zip(noises, timesteps):
        optimizer.zero_grad()
        prediction = denoise(unet, scheduler.add_noise(latents, noise, t), t, text)
        loss = losses(scheduler, prediction, target_of(scheduler, latents, noise, t), t)[0]
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, MAX_GRAD_NORM))
        optimizer.step()
        history.append(loss.detach())
    records |= {"steps/noises": noises, "steps/timesteps": timesteps,
                "steps/losses": torch.stack(history), "steps/gradient_norms": torch.stack(norms)}
    records |= {f"steps/final/{n}": v for n, v in state(unet).items()}


def write_adapters(pipeline, unet, case, folder):
    """The adapter as peft and as diffusers write it."""
    unet.save_pretrained(folder / "peft")
    (folder / "peft" / "README.md").unlink(missing_ok=True)
    path = folder / "peft" / "adapter_config.json"
    config = json.loads(path.read_text())
    config["base_model_name_or_path"] = ""  # peft wrote the path on the machine that ran this
    config["target_modules"] = sorted(config["target_modules"])
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    layers = state(unet)
    if not case.short_names:
        layers = convert_state_dict_to_diffusers(layers)
    metadata = _collate_lora_metadata({"unet": unet})
    header = metadata["unet_lora_adapter_metadata"]
    header["target_modules"] = sorted(header["target_modules"])  # a set, in any order
    type(pipeline).save_lora_weights(
        folder / "diffusers", unet_lora_layers=layers, **metadata)


def record(pipeline, case, folder):
    generator = torch.Generator().manual_seed(case.seed + 2)
    scheduler = pipeline.scheduler
    latents = torch.randn(BATCH, 4, *case.latent, generator=generator)
    noise = torch.randn(latents.shape, generator=generator)
    offset = torch.randn(BATCH, 4, 1, 1, generator=generator)
    t = torch.tensor([20, 400, 970])
    with torch.no_grad():
        text = embed(pipeline, TEXTS[:BATCH])
    shifted = noise + NOISE_OFFSET * offset
    noisy = scheduler.add_noise(latents, noise, t)
    target = target_of(scheduler, latents, noise, t)
    records = {
        "train/latents": latents, "train/noise": noise, "train/timesteps": t,
        "train/noisy": noisy, "train/target": target, **text.records("train"),
        "train/offset": offset, "train/shifted_noise": shifted,
        "train/shifted_noisy": scheduler.add_noise(latents, shifted, t),
        "train/shifted_target": target_of(scheduler, latents, shifted, t)}
    unet = adapted(pipeline.unet, generator)
    write_adapters(pipeline, unet, case, folder)
    gradient_records(unet, scheduler, (noisy, t, text, target), records)
    optimizer_records(unet, scheduler, latents, text, generator, records)
    return records
