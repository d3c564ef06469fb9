"""Trains the AutoencoderKL (f8, 4 channels) on the drawn scenes."""
import argparse
import pathlib

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch.nn import functional

from scenes import BACKGROUND
from schedule import Clock

BATCH, KL_WEIGHT, REPORT_EVERY = 32, 1e-4, 100


def build():
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 64), layers_per_block=1, latent_channels=4,
        norm_num_groups=8, sample_size=64, scaling_factor=0.18215)


def to_tensor(images):
    """uint8 [n, h, w, 3] to float [n, 3, h, w] in [-1, 1]."""
    return torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).float() / 127.5 - 1


def batch_of(images, generator):
    """Some scenes, half of them mirrored."""
    index = torch.randint(0, len(images), (BATCH,), generator=generator).sort().values
    x = to_tensor(images[index.numpy()])
    mirrored = torch.rand(BATCH, generator=generator) < 0.5
    return torch.where(mirrored.view(-1, 1, 1, 1), x.flip(3), x).contiguous()


def reconstruction_loss(x, y):
    """Squared and absolute error, three times as heavy on and around the objects."""
    paper = torch.tensor(BACKGROUND).view(1, 3, 1, 1) / 127.5 - 1
    objects = ((x - paper).abs().amax(1, keepdim=True) > 0.08).float()
    weights = 1 + 2 * functional.max_pool2d(objects, 3, 1, 1)
    error = y - x
    return (weights * (error.square() + 0.1 * error.abs())).mean()


def loss_of(vae, x, generator):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        posterior = vae.encode(x).latent_dist
        mean, logvar = posterior.mean.float(), posterior.logvar.float()
        z = mean + (0.5 * logvar).exp() * torch.randn(mean.shape, generator=generator)
        y = vae.decode(z).sample
    divergence = -0.5 * (1 + logvar - mean.square() - logvar.exp()).mean()
    return reconstruction_loss(x, y.float()) + KL_WEIGHT * divergence


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, default="work")
    parser.add_argument("--minutes", type=float, default=9.5)
    parser.add_argument("--learning-rate", type=float, default=1.5e-3)
    args = parser.parse_args()
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    images = np.load(args.work / "images.npy", mmap_mode="r")
    vae = build()
    parameters = list(vae.parameters())
    optimizer = torch.optim.AdamW(parameters, betas=(0.9, 0.99), weight_decay=1e-4)
    clock = Clock(args.minutes, args.learning_rate, warmup_steps=100, final=0.01)
    step, losses = 0, []
    while clock.progress() < 1:
        optimizer.param_groups[0]["lr"] = clock.learning_rate(step)
        loss = loss_of(vae, batch_of(images, generator), generator)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        losses.append(loss.item())
        step += 1
        if step % REPORT_EVERY == 0:
            print(f"step {step}: loss {np.mean(losses[-REPORT_EVERY:]):.5f}", flush=True)
    vae.save_pretrained(args.work / "vae_raw")
    print(f"{step} steps, {step * BATCH} images")


if __name__ == "__main__":
    main()
