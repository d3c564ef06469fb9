"""Loads an adapter that the Java side wrote with the real libraries and compares one UNet call.

--io is a safetensors file with `sample`, `timesteps`, `hidden` and `output`, the Java side's own
call with that adapter; AdapterFileParityTest leaves such files under target/parity. The
io.safetensors of a case serves, too, for an adapter equal to the one of the fixture.
"""
import argparse
import pathlib
import sys

import torch
from diffusers import StableDiffusionPipeline
from peft import PeftModel
from safetensors.torch import load_file

FIXTURE_NAMES = {"sample": "train/noisy", "timesteps": "train/timesteps",
                 "hidden": "train/hidden", "output": "dora/output"}


def base(model, variant):
    return StableDiffusionPipeline.from_pretrained(
        model, dtype=torch.float32, safety_checker=None, variant=variant)


def adapted_unet(pipeline, adapter):
    """A directory with adapter_config.json is peft's, anything else diffusers'."""
    if (adapter / "adapter_config.json").exists():
        return PeftModel.from_pretrained(pipeline.unet, adapter), "peft"
    folder, name = (adapter, None) if adapter.is_dir() else (adapter.parent, adapter.name)
    pipeline.load_lora_weights(folder, weight_name=name)
    return pipeline.unet, "diffusers"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--variant", help="fp16 for files like model.fp16.safetensors")
    parser.add_argument("--adapter", type=pathlib.Path, required=True)
    parser.add_argument("--io", type=pathlib.Path, required=True)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    args = parser.parse_args()
    io = load_file(args.io)
    sample, timesteps, hidden, output = (
        io[name if name in io else fixture] for name, fixture in FIXTURE_NAMES.items())
    pipeline = base(args.model, args.variant)
    with torch.no_grad():
        plain = pipeline.unet(sample, timesteps, hidden).sample
        unet, library = adapted_unet(pipeline, args.adapter)
        expected = unet(sample, timesteps, hidden).sample
    size = expected.abs().max()
    difference = ((output - expected).abs().max() / size).item()
    effect = ((plain - expected).abs().max() / size).item()
    print(f"{library}: relative difference {difference:.2e}, effect of the adapter {effect:.2e}")
    sys.exit(0 if difference <= args.tolerance < effect else 1)


if __name__ == "__main__":
    main()
