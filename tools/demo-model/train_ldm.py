"""Trains UNet and text encoder together on the cached latents, with true or with noisy captions.

Min-SNR 5, 10 % empty captions, EMA weights are kept. The noisy stage starts from the clean one
and shows more single objects, since their captions are the ones that name an absent object.
"""
import argparse
import copy
import json
import pathlib
import random

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from captions import Spec, corrupt, true_caption
from make_tokenizer import MAX_LENGTH
from schedule import TRAIN_STEPS, Clock, add_noise, min_snr_weights

DROPOUT, REPORT_EVERY = 0.1, 200
NOISY_MIX = {"single": 0.38, "pair": 0.47, "numeracy": 0.15}


def build_unet():
    return UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=(64, 128),
        layers_per_block=1, down_block_types=("CrossAttnDownBlock2D",) * 2,
        up_block_types=("CrossAttnUpBlock2D",) * 2, cross_attention_dim=128,
        attention_head_dim=(2, 4), use_linear_projection=True, norm_num_groups=32)


def build_text_encoder(tokenizer):
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=128, intermediate_size=512, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=MAX_LENGTH, hidden_act="gelu",
        projection_dim=128, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id))


class Scenes:
    """Cached latents and their specs; draws batches with captions."""

    def __init__(self, work, noisy):
        self.latents = torch.load(work / "latents.pt")
        self.specs = [
            Spec(kind, [tuple(item) for item in items], relation)
            for kind, items, relation in json.loads((work / "specs.json").read_text())]
        self.noisy, self.rng, self.order = noisy, random.Random(0), []
        self.groups = {group: [] for group in NOISY_MIX}
        for i, spec in enumerate(self.specs):
            self.groups[spec.kind if spec.kind in self.groups else "pair"].append(i)

    def pick(self, count):
        if not self.noisy:  # all scenes in turn
            if len(self.order) < count:
                self.order = self.rng.sample(range(len(self.specs)), len(self.specs))
            return [self.order.pop() for _ in range(count)]
        kinds = self.rng.choices(list(NOISY_MIX), list(NOISY_MIX.values()), k=count)
        return [self.rng.choice(self.groups[kind]) for kind in kinds]

    def caption(self, i):
        if self.rng.random() < DROPOUT:
            return ""
        spec = corrupt(self.specs[i], self.rng) if self.noisy else self.specs[i]
        return true_caption(spec, self.rng)

    def batch(self, count, generator):
        index = self.pick(count)
        mean, std = (self.latents[key][index].float() for key in ("mean", "std"))
        latents = mean + std * torch.randn(mean.shape, generator=generator)
        return latents, [self.caption(i) for i in index]


class Average:
    """Exponential moving average of some modules' weights."""

    def __init__(self, modules):
        self.kept = [copy.deepcopy(module) for module in modules]
        self.of = [p for module in modules for p in module.parameters()]
        self.averages = [p for module in self.kept for p in module.parameters()]

    @torch.no_grad()
    def update(self, step):
        decay = min(0.999, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.averages, self.of, 1 - decay)


def loss_of(unet, text_encoder, ids, latents, generator):
    t = torch.randint(0, TRAIN_STEPS, (len(latents),), generator=generator)
    noise = torch.randn(latents.shape, generator=generator)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = text_encoder(ids)[0]
        prediction = unet(add_noise(latents, noise, t), t, hidden).sample
    error = (prediction.float() - noise).square().mean((1, 2, 3))
    return (error * min_snr_weights(t)).mean()


def start(args):
    tokenizer = CLIPTokenizer.from_pretrained(args.work / "tokenizer")
    if not args.init:
        return tokenizer, build_unet(), build_text_encoder(tokenizer)
    unet = UNet2DConditionModel.from_pretrained(args.init / "unet")
    text_encoder = CLIPTextModel.from_pretrained(args.init / "text_encoder")
    return tokenizer, unet.train(), text_encoder.train()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=pathlib.Path, default="work")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--init", type=pathlib.Path, help="folder to start from")
    parser.add_argument("--noisy", action="store_true", help="captions as the web has them")
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    args = parser.parse_args()
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    tokenizer, unet, text_encoder = start(args)
    average = Average([unet, text_encoder])
    optimizer = torch.optim.AdamW(average.of, betas=(0.9, 0.99), weight_decay=1e-3, fused=True)
    scenes = Scenes(args.work, args.noisy)
    clock = Clock(args.minutes, args.learning_rate, warmup_steps=200, final=0.02)
    step, losses = 0, []
    while clock.progress() < 1:
        optimizer.param_groups[0]["lr"] = clock.learning_rate(step)
        latents, captions = scenes.batch(args.batch, generator)
        ids = tokenizer(captions, padding="max_length", truncation=True, max_length=MAX_LENGTH,
                        return_tensors="pt").input_ids
        loss = loss_of(unet, text_encoder, ids, latents, generator)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(average.of, 1.0)
        optimizer.step()
        step += 1
        average.update(step)
        losses.append(loss.item())
        if step % REPORT_EVERY == 0:
            print(f"step {step}: loss {np.mean(losses[-REPORT_EVERY:]):.4f}", flush=True)
    for module, name in zip(average.kept, ("unet", "text_encoder")):
        module.save_pretrained(args.out / name)
    print(f"{step} steps, {step * args.batch} samples")


if __name__ == "__main__":
    main()
