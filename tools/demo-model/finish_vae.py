"""Whitens the VAE's latents, grades its reconstructions, and caches the latents of all scenes."""
import argparse
import pathlib
import random

import numpy as np
import torch
from diffusers import AutoencoderKL

from captions import EVERY, sample_spec
from grader import grade
from scenes import place, render
from train_vae import to_tensor

CHUNK = 250


def posteriors(vae, images):
    for i in range(0, len(images), CHUNK):
        yield vae.encode(to_tensor(images[i:i + CHUNK])).latent_dist


def whiten(vae, images):
    """Mean 0 and deviation 1 / scaling_factor per channel, folded into the 1x1 convolutions.

    An exact change of variables: the decoder undoes it.
    """
    means = torch.cat([p.mean for p in posteriors(vae, images)])
    mean, deviation = means.mean((0, 2, 3)), means.std((0, 2, 3))
    gain = 1 / (vae.config.scaling_factor * deviation)
    encode, decode = vae.quant_conv, vae.post_quant_conv
    encode.weight[:4] *= gain.view(-1, 1, 1, 1)
    encode.bias[:4] = (encode.bias[:4] - mean) * gain
    encode.bias[4:] += 2 * gain.log()
    decode.bias += decode.weight[:, :, 0, 0] @ mean
    decode.weight /= gain.view(1, -1, 1, 1)


def to_images(decoded):
    scaled = (decoded.clamp(-1, 1) + 1) * 127.5
    return scaled.round().byte().permute(0, 2, 3, 1).numpy()


def share_right(vae, count=600):
    """Of fresh scenes of all combinations, encoded, sampled and decoded."""
    rng, generator = random.Random(55), torch.Generator().manual_seed(0)
    specs = [sample_spec(rng, EVERY) for _ in range(count)]
    images = np.stack([render(place(s.items, s.relation, rng)) for s in specs])
    decoded = [vae.decode(p.sample(generator)).sample for p in posteriors(vae, images)]
    results = to_images(torch.cat(decoded))
    return float(np.mean([grade(image, spec).right for image, spec in zip(results, specs)]))


def cache(vae, images, path):
    means, deviations = [], []
    for posterior in posteriors(vae, images):
        means.append((posterior.mean * vae.config.scaling_factor).half())
        deviations.append((posterior.std * vae.config.scaling_factor).half())
    torch.save({"mean": torch.cat(means), "std": torch.cat(deviations)}, path)


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, default="work")
    args = parser.parse_args()
    vae = AutoencoderKL.from_pretrained(args.work / "vae_raw").eval()
    images = np.load(args.work / "images.npy", mmap_mode="r")
    whiten(vae, images[:2000])
    print(f"reconstructions right: {100 * share_right(vae):.1f} %", flush=True)
    vae.save_pretrained(args.work / "vae")
    cache(vae, images, args.work / "latents.pt")


if __name__ == "__main__":
    main()
