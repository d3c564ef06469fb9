"""The published configurations of the three families, as networks without any memory.

Written down from the models' public config.json files; nothing here has weights. A network is made
on torch's meta device: shapes and names are all there, and a parameter takes no byte.
"""
from dataclasses import dataclass
from typing import Callable

import torch
from diffusers import (
    AutoencoderKL, DDIMScheduler, EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel, UNet2DConditionModel)
from transformers import (
    CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, T5Config, T5EncoderModel)


@dataclass(frozen=True)
class Network:
    """One folder of a model: how to make its network, and the size that was published."""
    folder: str
    make: Callable[[], torch.nn.Module]
    millions: float
    shard_bytes: int = 1 << 40

    @property
    def base_name(self):
        return "model" if self.folder.startswith("text") else "diffusion_pytorch_model"

    def on_meta(self):
        with torch.device("meta"):
            return self.make()


@dataclass(frozen=True)
class Family:
    name: str
    pipeline: str
    pixels: int
    denoiser: Network
    texts: tuple
    vae: Network
    scheduler: Callable
    index: dict  # what else model_index.json says

    @property
    def networks(self):
        return (self.denoiser, *self.texts, self.vae)


def clip(width, layers, heads, projection, act, with_projection=False):
    kind = CLIPTextModelWithProjection if with_projection else CLIPTextModel
    return lambda: kind(CLIPTextConfig(
        vocab_size=49408, hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers,
        num_attention_heads=heads, projection_dim=projection, hidden_act=act,
        max_position_embeddings=77, bos_token_id=0, eos_token_id=2, pad_token_id=1))


def t5_xxl():
    return T5EncoderModel(T5Config(
        vocab_size=32128, d_model=4096, d_kv=64, d_ff=10240, num_layers=24, num_heads=64,
        relative_attention_num_buckets=32, relative_attention_max_distance=128,
        feed_forward_proj="gated-gelu", is_encoder_decoder=False, use_cache=False))


def vae(pixels, **more):
    return lambda: AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, sample_size=pixels, **more)


def sd21_unet():
    return UNet2DConditionModel(
        sample_size=64, block_out_channels=(320, 640, 1280, 1280), layers_per_block=2,
        attention_head_dim=(5, 10, 20, 20), cross_attention_dim=1024, use_linear_projection=True)


def sdxl_unet():
    return UNet2DConditionModel(
        sample_size=128, block_out_channels=(320, 640, 1280), layers_per_block=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 10), attention_head_dim=(5, 10, 20),
        cross_attention_dim=2048, use_linear_projection=True, addition_embed_type="text_time",
        addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816)


def sd35_transformer():
    return SD3Transformer2DModel(
        sample_size=128, patch_size=2, in_channels=16, out_channels=16, num_layers=24,
        attention_head_dim=64, num_attention_heads=24, joint_attention_dim=4096,
        caption_projection_dim=1536, pooled_projection_dim=2048, pos_embed_max_size=384,
        dual_attention_layers=tuple(range(13)), qk_norm="rms_norm")


BETAS = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)
CLIP_L = (768, 12, 12, 768, "quick_gelu")
CLIP_BIG_G = (1280, 32, 20, 1280, "gelu")

SD21 = Family(
    "sd21", "StableDiffusionPipeline", 512,
    Network("unet", sd21_unet, 865.9),
    (Network("text_encoder", clip(1024, 23, 16, 512, "gelu"), 340.4),),
    Network("vae", vae(512, latent_channels=4), 83.7),
    lambda: DDIMScheduler(clip_sample=False, set_alpha_to_one=False, **BETAS),
    dict(safety_checker=[None, None], feature_extractor=[None, None],
         requires_safety_checker=False))
SDXL = Family(
    "sdxl", "StableDiffusionXLPipeline", 1024,
    Network("unet", sdxl_unet, 2567.5),
    (Network("text_encoder", clip(*CLIP_L), 123.1),
     Network("text_encoder_2", clip(*CLIP_BIG_G, with_projection=True), 694.7)),
    Network("vae", vae(1024, latent_channels=4, scaling_factor=0.13025, force_upcast=True), 83.7),
    lambda: EulerDiscreteScheduler(timestep_spacing="leading", **BETAS),
    dict(force_zeros_for_empty_prompt=True, feature_extractor=[None, None],
         image_encoder=[None, None]))
SD35 = Family(
    "sd35", "StableDiffusion3Pipeline", 1024,
    Network("transformer", sd35_transformer, 2469.7),  # 226 M of them a table of sines
    (Network("text_encoder", clip(*CLIP_L, with_projection=True), 123.7),
     Network("text_encoder_2", clip(*CLIP_BIG_G, with_projection=True), 694.7),
     Network("text_encoder_3", t5_xxl, 4762.3, shard_bytes=5 << 30)),
    Network("vae", vae(1024, latent_channels=16, scaling_factor=1.5305, shift_factor=0.0609,
                       use_quant_conv=False, use_post_quant_conv=False), 83.8),
    lambda: FlowMatchEulerDiscreteScheduler(shift=3.0),
    dict(feature_extractor=[None, None], image_encoder=[None, None]))
FAMILIES = {f.name: f for f in (SD21, SDXL, SD35)}
