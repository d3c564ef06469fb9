"""Draws samples for a set of prompts and grades them; also evaluates an adapter."""
import argparse
import pathlib

import torch

from captions import KINDS, caption, prompt_sets
from grader import grade
from sampling import SAMPLERS, Model, sample


def mean_and_error(values):
    """Mean +- standard error of one value per prompt, in percent."""
    if len(values) < 2:
        return "-"
    values = 100 * torch.as_tensor(values, dtype=torch.float64)
    return f"{values.mean():.1f} +- {values.std() / len(values) ** 0.5:.1f}"


def table(specs, right):
    """Accuracy over all prompts and by kind; right is [prompts, samples]."""
    share = right.double().mean(1)
    rows = {"all": mean_and_error(share)}
    for kind in KINDS:
        rows[kind] = mean_and_error(share[[s.kind == kind for s in specs]])
    return ", ".join(f"{kind} {value}" for kind, value in rows.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=pathlib.Path, default="work/model")
    parser.add_argument("--adapter", type=pathlib.Path, help="peft directory")
    parser.add_argument("--prompts", choices=["eval", "tune", "validation"], default="eval")
    parser.add_argument("--samples", type=int, default=8, help="per prompt")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--guidance", type=float, default=2.0)
    parser.add_argument("--sampler", choices=list(SAMPLERS), default="ddpm")
    parser.add_argument("--limit", type=int, help="only that many prompts")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    model = Model(args.model)
    if args.adapter:
        from peft import PeftModel
        model.unet = PeftModel.from_pretrained(model.unet, args.adapter).merge_and_unload()
    specs = prompt_sets()[args.prompts][:args.limit]
    captions = [caption(spec) for spec in specs for _ in range(args.samples)]
    keys = [(args.prompts, i, k) for i in range(len(specs)) for k in range(args.samples)]
    latents, distances, timesteps = sample(
        model, captions, keys, args.steps, args.guidance, args.sampler)
    wanted = [spec for spec in specs for _ in range(args.samples)]
    right = torch.tensor([grade(i, s).right for i, s in zip(model.decode(latents), wanted)])
    shape = (len(specs), args.samples)
    result = dict(
        specs=[tuple(s) for s in specs], latents=latents.view(*shape, 4, 8, 8),
        distances=distances.view(*shape, -1), timesteps=timesteps, right=right.view(shape))
    torch.save(result, args.out)
    print(table(specs, result["right"]))


if __name__ == "__main__":
    main()
