"""Writes the parity fixtures of the Java models with the real diffusers, transformers and peft.

Run it with the packages of requirements.txt; it replaces src/test/resources/parity.
"""
import argparse
import importlib.metadata
import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file

import demo_records
import inference_records as inference
import random_models
import sdxl_cases
import training_records as training
from cases import SD_CASES

RESOURCES = pathlib.Path(__file__).parent.parent / "resources" / "parity"
PACKAGES = ("torch", "diffusers", "transformers", "peft", "safetensors")
CASES = (*SD_CASES, *sdxl_cases.CASES)
MODELS = {"sd": random_models, "sdxl": sdxl_cases}  # write_model and read_model of each family


def settings(case):
    return dict(
        why=case.why, texts=inference.TEXTS, prompts=inference.PROMPTS,
        negative_prompt=inference.NEGATIVE, steps=inference.STEPS, guidance=inference.GUIDANCE,
        samplers=case.samplers, rank=training.RANK, alpha=training.ALPHA,
        targets=training.TARGETS, learning_rate=training.LEARNING_RATE,
        max_grad_norm=training.MAX_GRAD_NORM, snr_gamma=training.SNR_GAMMA,
        noise_offset=training.NOISE_OFFSET)


def write_json(path, content):
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def save(records, path):
    own = {k: v.clone(memory_format=torch.contiguous_format) for k, v in sorted(records.items())}
    save_file(own, path)


def scales(records):
    """Root mean squares, to see that nothing vanishes or explodes."""
    for name in ("text/embeddings", "unet/output", "vae/mean", "vae/decoded", "trajectory/states",
                 "trajectory/mi", "dora/output", "steps/losses", "steps/gradient_norms"):
        yield f"{name} {records[name].double().square().mean().sqrt():.3g}"


def make(case, out):
    folder = out / case.name
    models = MODELS[case.family]
    models.write_model(case, folder / "model")
    pipeline = models.read_model(case, folder / "model")
    records = inference.record(pipeline, case)
    records |= training.record(pipeline, case, folder / "adapter")
    save(records, folder / "io.safetensors")
    write_json(folder / "case.json", settings(case))
    print(case.name, *scales(records), sep="\n  ")


def make_demo(out):
    folder = out / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    save(demo_records.record(), folder / "io.safetensors")
    write_json(folder / "case.json", demo_records.SETTINGS)


def strip_paths(out):
    """Configurations name the folder that they were read from: no part of the model."""
    for path in out.rglob("config.json"):
        content = json.loads(path.read_text())
        content.pop("_name_or_path", None)
        write_json(path, content)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=RESOURCES)
    parser.add_argument("--case", help="write only this one")
    args = parser.parse_args()
    torch.set_num_threads(1)
    for case in (c for c in CASES if args.case in (None, c.name)):
        shutil.rmtree(args.out / case.name, ignore_errors=True)
        make(case, args.out)
    if args.case is None:
        make_demo(args.out)
    strip_paths(args.out)
    write_json(args.out / "versions.json", {p: importlib.metadata.version(p) for p in PACKAGES})
    size = sum(p.stat().st_size for p in args.out.rglob("*") if p.is_file())
    print(f"{args.out.name}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
