"""The parity cases of SD3: tiny random models with what SD 3.0 and SD 3.5 differ in."""
from dataclasses import dataclass, field

import torch

VAE = dict(latent_channels=16, use_quant_conv=False, use_post_quant_conv=False)


@dataclass
class Sd3Case:
    """Configurations of one tiny model, and what is recorded of it."""

    name: str
    seed: int
    why: str
    dtype: torch.dtype
    latent: tuple  # height, width
    transformer: dict
    clip_l: dict
    clip_g: dict
    t5: dict | None  # None: text_encoder_3 and tokenizer_3 are null
    vae: dict
    scheduler: dict
    save: dict = field(default_factory=dict)  # options of save_pretrained
    short_names: bool = True  # lora_A and lora_B in diffusers' file, not lora.down and lora.up


SD35 = Sd3Case(
    name="sd35-fp32",
    seed=501,
    why="3 joint blocks, two with a second attention, rms norms of queries and keys, an odd "
        "position table that is cropped off centre, latents that are not square, T5 wider than "
        "both CLIPs together and with heads that do not divide its width, static shift, fp32 files",
    dtype=torch.float32,
    latent=(8, 6),
    transformer=dict(
        sample_size=16, patch_size=2, in_channels=16, num_layers=3, attention_head_dim=8,
        num_attention_heads=2, joint_attention_dim=26, caption_projection_dim=16,
        pooled_projection_dim=22, out_channels=16, pos_embed_max_size=9,
        dual_attention_layers=(0, 1), qk_norm="rms_norm"),
    clip_l=dict(
        hidden_size=8, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=11, hidden_act="quick_gelu", projection_dim=10, eos_token_id=2),
    clip_g=dict(
        hidden_size=12, intermediate_size=28, num_hidden_layers=3, num_attention_heads=3,
        max_position_embeddings=11, hidden_act="gelu", projection_dim=12),
    t5=dict(
        d_model=26, d_kv=5, d_ff=36, num_layers=2, num_heads=3,
        relative_attention_num_buckets=10, relative_attention_max_distance=24),
    vae=dict(VAE, block_out_channels=(4, 8), layers_per_block=1, norm_num_groups=2,
             scaling_factor=1.5305, shift_factor=0.0609),
    scheduler=dict(shift=3.0),
    short_names=False)

SD30 = Sd3Case(
    name="sd3-bf16",
    seed=502,
    why="2 joint blocks without norms of queries and keys, no T5, patches of 2 on an odd grid, "
        "wider than high, dynamic shift, bf16 files in shards with an index",
    dtype=torch.bfloat16,
    latent=(6, 10),
    transformer=dict(
        sample_size=8, patch_size=2, in_channels=16, num_layers=2, attention_head_dim=4,
        num_attention_heads=3, joint_attention_dim=24, caption_projection_dim=12,
        pooled_projection_dim=20, out_channels=16, pos_embed_max_size=6),
    clip_l=dict(
        hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=12, hidden_act="quick_gelu", projection_dim=8, eos_token_id=2),
    clip_g=dict(
        hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=12, hidden_act="gelu", projection_dim=12),
    t5=None,
    vae=dict(VAE, block_out_channels=(4, 4, 8), layers_per_block=1, norm_num_groups=4,
             scaling_factor=0.9, shift_factor=-0.4),
    scheduler=dict(use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15,
                   base_image_seq_len=4, max_image_seq_len=64),
    save=dict(max_shard_size="20KB"))

SD3_CASES = (SD35, SD30)
