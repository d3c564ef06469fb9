"""The parity cases of SD: one tiny random model each, of odd sizes that hide no mistake."""
from dataclasses import dataclass, field

import torch

SCHEDULER = dict(
    beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
    set_alpha_to_one=False, steps_offset=1, timestep_spacing="leading")


@dataclass
class Case:
    """Configurations of one tiny model, and what is recorded of it."""

    name: str
    seed: int
    why: str
    dtype: torch.dtype
    latent: tuple  # height, width
    unet: dict
    text: dict
    vae: dict
    scheduler: dict
    save: dict = field(default_factory=dict)  # options of save_pretrained
    tokenizer_json: bool = False  # tokenizer.json in place of vocab.json and merges.txt
    samplers: tuple = ()  # final latents with these schedulers, too
    short_names: bool = True  # lora_A and lora_B in diffusers' file, not lora.down and lora.up
    family: str = "sd"  # picks the modules of make_fixtures.py


EPSILON = Case(
    name="epsilon-fp32",
    seed=101,
    why="epsilon, 2 levels, latents that are not square, another number of heads at each level, "
        "linear projections, fp32 files, vocab.json + merges.txt, lora.down and lora.up",
    dtype=torch.float32,
    latent=(12, 8),
    unet=dict(
        block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=(2, 4), use_linear_projection=True, cross_attention_dim=20),
    text=dict(
        hidden_size=20, intermediate_size=44, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=11, hidden_act="gelu"),
    vae=dict(block_out_channels=(8, 12), layers_per_block=1, norm_num_groups=4),
    scheduler=dict(SCHEDULER, prediction_type="epsilon"),
    samplers=("euler", "pndm", "ddpm"),
    short_names=False)

VELOCITY = Case(
    name="velocity-fp16",
    seed=202,
    why="v prediction, 3 levels of which one has no attention, two layers a block, latents that "
        "do not halve evenly, convolutional projections, one head count for all levels, "
        "upcast_attention, fp16 files of the variant fp16, tokenizer.json",
    dtype=torch.float16,
    latent=(10, 14),
    unet=dict(
        block_out_channels=(8, 12, 16), layers_per_block=2, norm_num_groups=4,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=2, use_linear_projection=False, cross_attention_dim=12,
        upcast_attention=True),
    text=dict(
        hidden_size=12, intermediate_size=28, num_hidden_layers=3, num_attention_heads=3,
        max_position_embeddings=9, hidden_act="gelu"),
    vae=dict(block_out_channels=(4, 4, 8), layers_per_block=2, norm_num_groups=4,
             scaling_factor=0.13),
    scheduler=dict(SCHEDULER, prediction_type="v_prediction"),
    save=dict(variant="fp16"),
    tokenizer_json=True)

SHARDED = Case(
    name="sharded-bf16",
    seed=303,
    why="epsilon, attention on the deeper level only, quick_gelu, padding with the end token, "
        "bf16 files in shards with an index, wider than high",
    dtype=torch.bfloat16,
    latent=(4, 12),
    unet=dict(
        block_out_channels=(8, 24), layers_per_block=1, norm_num_groups=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 6), use_linear_projection=True, cross_attention_dim=16),
    text=dict(
        hidden_size=16, intermediate_size=36, num_hidden_layers=1, num_attention_heads=4,
        max_position_embeddings=12, hidden_act="quick_gelu"),
    vae=dict(block_out_channels=(4, 8), layers_per_block=1, norm_num_groups=2),
    scheduler=dict(SCHEDULER, prediction_type="epsilon"),
    save=dict(max_shard_size="60KB"))

SD_CASES = (EPSILON, VELOCITY, SHARDED)
