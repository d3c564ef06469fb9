"""The parity cases of SDXL, saved and read back as any user of diffusers would."""
import pathlib
from dataclasses import dataclass

import torch
from diffusers import (
    DDIMScheduler, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel)
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from cases import SCHEDULER, Case
from random_models import autoencoder, randomise, save, text_config, write_tokenizer


@dataclass
class XlCase(Case):
    text_2: dict = None
    zeros: bool = True  # force_zeros_for_empty_prompt
    family: str = "sdxl"


XL = XlCase(
    name="xl-fp32",
    seed=505,
    why="2 levels of which the finer has no attention, two transformer blocks an attention, "
        "latents that are not square, eos_token_id 2 in the second text encoder, zeros without a "
        "negative prompt, Euler's scheduler file, fp32 files, vocab.json + merges.txt",
    dtype=torch.float32,
    latent=(8, 4),
    unet=dict(
        block_out_channels=(6, 12), layers_per_block=1, norm_num_groups=3,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2), attention_head_dim=(2, 3),
        use_linear_projection=True, cross_attention_dim=22, addition_embed_type="text_time",
        addition_time_embed_dim=6, projection_class_embeddings_input_dim=6 * 6 + 10),
    text=dict(
        hidden_size=8, intermediate_size=20, num_hidden_layers=3, num_attention_heads=2,
        max_position_embeddings=11, hidden_act="quick_gelu"),
    text_2=dict(
        hidden_size=14, intermediate_size=28, num_hidden_layers=2, num_attention_heads=7,
        max_position_embeddings=11, hidden_act="gelu", projection_dim=10, eos_token_id=2),
    vae=dict(block_out_channels=(4, 6), layers_per_block=1, norm_num_groups=2,
             scaling_factor=0.13025, force_upcast=True),
    scheduler=dict(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1,
        timestep_spacing="leading", prediction_type="epsilon"),
    samplers=("euler",))

XL_DEEP = XlCase(
    name="xl-fp16",
    seed=607,  # with 606 ten steps in fp32 and in fp64 differ by 0.005: nothing to compare with
    why="3 levels of which the middle one has no attention, 1 and 2 transformer blocks an "
        "attention, latents that do not halve evenly, convolutional projections, one layer in the "
        "first text encoder, \"\" encoded without a negative prompt, fp16 files of the variant "
        "fp16, tokenizer.json",
    dtype=torch.float16,
    latent=(6, 10),
    unet=dict(
        block_out_channels=(8, 8, 12), layers_per_block=1, norm_num_groups=2,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"),
        transformer_layers_per_block=(1, 3, 2), attention_head_dim=(1, 2, 3),
        use_linear_projection=False, cross_attention_dim=14, addition_embed_type="text_time",
        addition_time_embed_dim=4, projection_class_embeddings_input_dim=6 * 4 + 9),
    text=dict(
        hidden_size=6, intermediate_size=16, num_hidden_layers=1, num_attention_heads=3,
        max_position_embeddings=9, hidden_act="quick_gelu"),
    text_2=dict(
        hidden_size=8, intermediate_size=12, num_hidden_layers=4, num_attention_heads=2,
        max_position_embeddings=9, hidden_act="gelu", projection_dim=9),
    vae=dict(block_out_channels=(4, 4, 4), layers_per_block=1, norm_num_groups=4,
             scaling_factor=0.13),
    scheduler=dict(SCHEDULER, prediction_type="epsilon"),
    save=dict(variant="fp16"),
    tokenizer_json=True,
    short_names=False,
    zeros=False)

CASES = (XL, XL_DEEP)


def write_model(case, folder):
    """Saves the case's random pipeline in its own dtype and layout."""
    torch.manual_seed(case.seed)
    generator = torch.Generator().manual_seed(case.seed)
    modules = dict(
        unet=UNet2DConditionModel(sample_size=case.latent, **case.unet),
        text_encoder=CLIPTextModel(text_config(case.text)),
        text_encoder_2=CLIPTextModelWithProjection(text_config(case.text_2)),
        vae=autoencoder(case))
    for module in modules.values():
        randomise(module, generator)
    tokenizers = {}
    for name, text in (("tokenizer", case.text), ("tokenizer_2", case.text_2)):
        write_tokenizer(text, case.tokenizer_json, folder / name)
        tokenizers[name] = CLIPTokenizer.from_pretrained(folder / name)
    kind = EulerDiscreteScheduler if "euler" in case.samplers else DDIMScheduler
    pipeline = StableDiffusionXLPipeline(
        **modules, **tokenizers, scheduler=kind(**case.scheduler),
        force_zeros_for_empty_prompt=case.zeros, add_watermarker=False)
    save(pipeline, case, folder, *tokenizers)


def read_model(case, folder):
    """The saved pipeline with its rounded weights, computing in fp32, with DDIM."""
    pipeline = StableDiffusionXLPipeline.from_pretrained(
        pathlib.Path(folder), dtype=torch.float32, variant=case.save.get("variant"))
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config, clip_sample=False)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
