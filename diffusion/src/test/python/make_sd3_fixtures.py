"""Writes the SD3 cases of the parity fixtures with the real diffusers, transformers and peft.

Run it with the packages of requirements.txt; it replaces these cases in
src/test/resources/parity and leaves the others.
"""
import argparse
import pathlib
import shutil

import torch

import inference_records as inference
import sd3_records
import sd3_training as training
from make_fixtures import RESOURCES, save, strip_paths, write_json
from sd3_cases import SD3_CASES
from sd3_models import read_model, write_model

SHOWN = ("text/embeddings", "unet/output", "vae/mean", "vae/decoded", "trajectory/states",
         "trajectory/rfmi/guided/mi", "dora/output", "lora/output", "steps/losses",
         "steps/gradient_norms")


def settings(case):
    return dict(
        why=case.why, texts=sd3_records.TEXTS, prompts=inference.PROMPTS,
        negative_prompt=inference.NEGATIVE, steps=inference.STEPS, guidance=inference.GUIDANCE,
        samplers=[], rank=training.RANK, alpha=training.ALPHA, targets=training.TARGETS,
        learning_rate=training.LEARNING_RATE, max_grad_norm=training.MAX_GRAD_NORM,
        densities=training.DENSITIES)


def make(case, out):
    folder = out / case.name
    shutil.rmtree(folder, ignore_errors=True)
    write_model(case, folder / "model")
    pipeline = read_model(case, folder / "model")
    records = sd3_records.record(pipeline, case)
    records |= training.record(pipeline, case, folder / "adapter")
    save(records, folder / "io.safetensors")
    write_json(folder / "case.json", settings(case))
    strip_paths(folder)
    scales = (f"{n} {records[n].double().square().mean().sqrt():.3g}" for n in SHOWN)
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    print(f"{case.name}: {size / 1e6:.2f} MB", *scales, sep="\n  ")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=RESOURCES)
    args = parser.parse_args()
    torch.set_num_threads(1)
    for case in SD3_CASES:
        make(case, args.out)


if __name__ == "__main__":
    main()
