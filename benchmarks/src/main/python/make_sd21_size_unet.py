"""Writes a diffusers directory with a random UNet of Stable Diffusion 2.1's real size.

The UNet has the real configuration (865 M parameters, latents 64 x 64, text 77 x 1024); the text
encoder and the VAE are small stand-ins of the right interface. For speed and memory only.
"""
import argparse
import json
import pathlib
import shutil

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

TOKENS, WIDTH = 77, 1024
TOKENIZER = pathlib.Path(__file__).parents[4] / "demo" / "model" / "tokenizer"


def write_tokenizer(folder):
    """The demo model's words, at CLIP's length."""
    shutil.copytree(TOKENIZER, folder, dirs_exist_ok=True)
    (folder / "tokenizer.json").unlink(missing_ok=True)
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model_max_length": TOKENS}))


def unet():
    return UNet2DConditionModel(
        sample_size=64, block_out_channels=(320, 640, 1280, 1280), layers_per_block=2,
        attention_head_dim=(5, 10, 20, 20), cross_attention_dim=WIDTH, use_linear_projection=True)


def text_encoder(tokenizer):
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=4 * WIDTH,
        num_hidden_layers=1, num_attention_heads=16, max_position_embeddings=TOKENS,
        hidden_act="gelu", bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id))


def vae():
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(32, 32, 64, 64), layers_per_block=1, latent_channels=4,
        sample_size=512)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--dtype", choices=["fp32", "fp16"], default="fp16")
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float16 if args.dtype == "fp16" else torch.float32)
    write_tokenizer(args.out / "tokenizer")
    tokenizer = CLIPTokenizer.from_pretrained(args.out / "tokenizer")
    scheduler = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
        set_alpha_to_one=False, steps_offset=1)
    pipeline = StableDiffusionPipeline(
        unet=unet(), text_encoder=text_encoder(tokenizer), vae=vae(), tokenizer=tokenizer,
        scheduler=scheduler, safety_checker=None, feature_extractor=None,
        requires_safety_checker=False)
    pipeline.save_pretrained(args.out)
    shutil.rmtree(args.out / "tokenizer")
    write_tokenizer(args.out / "tokenizer")
    parameters = sum(p.numel() for p in pipeline.unet.parameters())
    print(f"{args.out}: UNet of {parameters / 1e6:.0f} M parameters, {args.dtype}")


if __name__ == "__main__":
    main()
