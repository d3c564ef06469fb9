"""One MI-TUNE round: keeps a candidate of each prompt and fine-tunes a DoRA adapter on them."""
import argparse
import pathlib

import numpy as np
import torch
from peft import LoraConfig, get_peft_model

from captions import Spec, caption
from sampling import Model, mutual_information
from schedule import TRAIN_STEPS, add_noise, min_snr_weights

RULES = ("mi", "lowest", "random", "right")
TARGETS = ["to_q", "to_k", "to_v", "to_out.0"]
WARMUP = 20


def pick(candidates, rule, cut, seed):
    """Index of the kept candidate of each prompt."""
    scores = mutual_information(candidates["distances"], candidates["timesteps"], cut)
    chance = torch.rand(scores.shape, generator=torch.Generator().manual_seed(1000 + seed))
    return {"mi": scores, "lowest": -scores, "random": chance,
            "right": candidates["right"] + chance}[rule].argmax(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=pathlib.Path, default="work/model")
    parser.add_argument("--candidates", type=pathlib.Path, required=True)
    parser.add_argument("--rule", choices=RULES, default="mi")
    parser.add_argument("--cut", type=int, default=50, help="score the timesteps above it")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--steps", type=int, default=240)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--dropout", type=float, default=0.1, help="share of empty captions")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    generator = torch.Generator().manual_seed(args.seed)
    candidates = torch.load(args.candidates, weights_only=True)
    kept = pick(candidates, args.rule, args.cut, args.seed)
    every = torch.arange(len(kept))
    latents, right = candidates["latents"][every, kept], candidates["right"][every, kept]
    print(f"right in the tuning set: {100 * right.double().mean():.1f} %")
    model = Model(args.model)
    hidden = model.embed([caption(Spec(*spec)) for spec in candidates["specs"]])
    empty = model.embed([""])
    unet = get_peft_model(model.unet, LoraConfig(
        r=args.rank, lora_alpha=args.rank, use_dora=True, init_lora_weights="gaussian",
        target_modules=TARGETS))
    parameters = [p for p in unet.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, weight_decay=1e-2)
    losses = []
    for step in range(args.steps):
        optimizer.param_groups[0]["lr"] = args.learning_rate * min(1, (step + 1) / WARMUP)
        index = torch.randint(0, len(latents), (args.batch,), generator=generator)
        t = torch.randint(0, TRAIN_STEPS, (args.batch,), generator=generator)
        noise = torch.randn(args.batch, 4, 8, 8, generator=generator)
        dropped = torch.rand(args.batch, generator=generator) < args.dropout
        text = torch.where(dropped.view(-1, 1, 1), empty, hidden[index])
        prediction = unet(add_noise(latents[index], noise, t), t, text).sample
        error = (prediction - noise).square().mean((1, 2, 3))
        loss = (error * min_snr_weights(t)).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        losses.append(loss.item())
    unet.save_pretrained(args.out)
    print(f"loss of the first and last 50 steps: {np.mean(losses[:50]):.4f}, "
          f"{np.mean(losses[-50:]):.4f}")


if __name__ == "__main__":
    main()
