"""Tiny random pipelines, saved and read back as any user of diffusers would."""
import json
import pathlib

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

MERGES = ["t h", "th e</w>", "r e", "re d</w>", "c a", "ca t</w>", "d o", "do g</w>", "o n</w>",
          "a n", "an d</w>", "b l", "bl u", "blu e</w>", "l e", "i n", "in g</w>", "' s</w>"]
START, END = "<|startoftext|>", "<|endoftext|>"


def vocabulary():
    symbols = list(bytes_to_unicode().values())
    tokens = symbols + [s + "</w>" for s in symbols] + [m.replace(" ", "") for m in MERGES]
    return {token: i for i, token in enumerate(tokens + [START, END])}


def write_tokenizer(text, one_file, folder):
    """CLIP's own two files, or the one file of newer libraries, for the text encoder `text`."""
    pad = END if text["hidden_act"] == "quick_gelu" else "!"
    if one_file:
        tokenizer = CLIPTokenizer(
            vocab=vocabulary(), merges=[tuple(m.split()) for m in MERGES], pad_token=pad,
            model_max_length=text["max_position_embeddings"])
        tokenizer.save_pretrained(folder)
        return
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary(), ensure_ascii=False), "utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *MERGES, ""]), "utf-8")
    config = dict(
        bos_token=START, eos_token=END, unk_token=END, pad_token=pad, do_lower_case=True,
        model_max_length=text["max_position_embeddings"], tokenizer_class="CLIPTokenizer")
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")


@torch.no_grad()
def randomise(module, generator):
    """Weights that keep activations near 1, biases and norms that matter."""
    for name, p in module.named_parameters():
        noise = torch.randn(p.shape, generator=generator)
        if p.dim() == 1:
            p.copy_(0.1 * noise + (1.0 if "norm" in name and name.endswith("weight") else 0.0))
        elif name.endswith("embedding.weight"):
            p.copy_(noise)
        else:
            p.copy_(noise / p[0].numel() ** 0.5)


def text_config(text):
    words = vocabulary()
    return CLIPTextConfig(**dict(
        vocab_size=len(words), bos_token_id=words[START], eos_token_id=words[END],
        pad_token_id=0, projection_dim=text["hidden_size"]) | text)


def autoencoder(case):
    levels = len(case.vae["block_out_channels"])
    return AutoencoderKL(**dict(
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels, latent_channels=4,
        sample_size=case.latent[0] * 2 ** (levels - 1)) | case.vae)


def build(case):
    torch.manual_seed(case.seed)
    generator = torch.Generator().manual_seed(case.seed)
    unet = UNet2DConditionModel(sample_size=case.latent[0], **case.unet)
    text = CLIPTextModel(text_config(case.text))
    vae = autoencoder(case)
    for module in (unet, text, vae):
        randomise(module, generator)
    return unet, text, vae


def save(pipeline, case, folder, *tokenizers):
    """Saves a pipeline in the case's dtype; its tokenizers stay in the form that they have."""
    kept = {p: p.read_bytes() for name in tokenizers for p in (folder / name).iterdir()}
    pipeline.to(dtype=case.dtype).save_pretrained(folder, **case.save)
    for name in tokenizers:
        for path in (folder / name).iterdir():
            path.unlink()
    for path, content in kept.items():
        path.write_bytes(content)


def write_model(case, folder):
    """Saves the case's random pipeline in its own dtype and layout."""
    unet, text, vae = build(case)
    write_tokenizer(case.text, case.tokenizer_json, folder / "tokenizer")
    pipeline = StableDiffusionPipeline(
        unet=unet, text_encoder=text, vae=vae, scheduler=DDIMScheduler(**case.scheduler),
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"), safety_checker=None,
        feature_extractor=None, requires_safety_checker=False)
    save(pipeline, case, folder, "tokenizer")


def read_model(case, folder):
    """The saved pipeline with its rounded weights, computing in fp32."""
    pipeline = StableDiffusionPipeline.from_pretrained(
        pathlib.Path(folder), dtype=torch.float32, safety_checker=None,
        variant=case.save.get("variant"))
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
