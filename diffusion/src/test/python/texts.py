"""Texts as a denoiser takes them, and its call with them."""
from dataclasses import dataclass

import torch
from diffusers import StableDiffusionXLPipeline


@dataclass
class Text:
    """Hidden states; for XL also the pooled vectors and how many pixels a latent stands for."""

    hidden: torch.Tensor
    pooled: torch.Tensor | None = None
    scale: int | None = None

    def records(self, prefix):
        records = {f"{prefix}/hidden": self.hidden}
        return records if self.pooled is None else records | {f"{prefix}/pooled": self.pooled}


def token_ids(tokenizer, texts):
    return tokenizer(
        texts, padding="max_length", truncation=True, max_length=tokenizer.model_max_length,
        return_tensors="pt").input_ids


def embed(pipeline, texts):
    if isinstance(pipeline, StableDiffusionXLPipeline):
        hidden, _, pooled, _ = pipeline.encode_prompt(texts, do_classifier_free_guidance=False)
        return Text(hidden, pooled, pipeline.vae_scale_factor)
    return Text(pipeline.text_encoder(token_ids(pipeline.tokenizer, texts))[0])


def embed_guided(pipeline, prompts, negative):
    """Both halves of a guided batch: the negative prompt (or None) for each, then the prompts."""
    if isinstance(pipeline, StableDiffusionXLPipeline):
        negatives = None if negative is None else [negative] * len(prompts)
        hidden, hidden_u, pooled, pooled_u = pipeline.encode_prompt(
            prompts, negative_prompt=negatives)
        return Text(torch.cat([hidden_u, hidden]), torch.cat([pooled_u, pooled]),
                    pipeline.vae_scale_factor)
    return embed(pipeline, [negative] * len(prompts) + prompts)


def denoise(unet, x, t, text):
    if text.pooled is None:
        return unet(x, t, text.hidden).sample
    height, width = (text.scale * side for side in x.shape[2:])
    sizes = torch.tensor([[height, width, 0, 0, height, width]] * len(x), dtype=x.dtype)
    added = {"text_embeds": text.pooled, "time_ids": sizes}
    return unet(x, t, text.hidden, added_cond_kwargs=added).sample
