"""Writes the kohya form of a case's adapter with diffusers' own converter: the LoRA in its DoRA."""
import argparse
import pathlib

from diffusers.utils import convert_state_dict_to_kohya
from safetensors.torch import load_file, save_file

RESOURCES = pathlib.Path(__file__).parent.parent / "resources" / "parity"
CASES = ("epsilon-fp32", "velocity-fp16")


def kohya(peft):
    """Alpha becomes the rank, which is what the converter assumes."""
    lora = {key.replace("base_model.model.", "unet."): value for key, value in peft.items()
            if "magnitude" not in key}
    return {key: value.float().contiguous() if key.endswith("alpha") else value
            for key, value in convert_state_dict_to_kohya(lora).items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default=RESOURCES)
    args = parser.parse_args()
    for case in CASES:
        peft = load_file(args.out / case / "adapter" / "peft" / "adapter_model.safetensors")
        folder = args.out / case / "adapter" / "kohya"
        folder.mkdir(exist_ok=True)
        save_file(kohya(peft), folder / "lora.safetensors")


if __name__ == "__main__":
    main()
