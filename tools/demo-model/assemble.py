"""Puts the trained parts into a diffusers directory of Stable Diffusion 2.1's layout, in fp16."""
import argparse
import json
import pathlib
import shutil

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

import make_tokenizer
from schedule import scheduler


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, default="work")
    parser.add_argument("--ldm", type=pathlib.Path, default="work/noisy")
    parser.add_argument("--out", type=pathlib.Path, default="work/model")
    args = parser.parse_args()
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderKL.from_pretrained(args.work / "vae"),
        unet=UNet2DConditionModel.from_pretrained(args.ldm / "unet"),
        text_encoder=CLIPTextModel.from_pretrained(args.ldm / "text_encoder"),
        tokenizer=CLIPTokenizer.from_pretrained(args.work / "tokenizer"), scheduler=scheduler(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    pipeline.to(dtype=torch.float16).save_pretrained(args.out)
    # libraries that write tokenizer.json alone would leave out CLIP's own two files
    shutil.rmtree(args.out / "tokenizer")
    make_tokenizer.write(args.out / "tokenizer")
    for path in args.out.glob("*/config.json"):
        config = json.loads(path.read_text())
        config.pop("_name_or_path", None)
        path.write_text(json.dumps(config, indent=2) + "\n")
    size = sum(path.stat().st_size for path in args.out.rglob("*") if path.is_file())
    print(f"{args.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
