"""Tiny random SD3 pipelines, saved and read back as any user of diffusers would."""
import pathlib

import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler, SD3Transformer2DModel, StableDiffusion3Pipeline)
from transformers import (
    CLIPTextModelWithProjection, CLIPTokenizer, T5Config, T5EncoderModel, T5TokenizerFast)

from random_models import END, MERGES, autoencoder, randomise, text_config, vocabulary

WORDS = "the red cat and blue dog on a mat thing".split()
LETTERS = "▁abcdeéfghiklmnoprstuvyï'.,&!42日本猫"


def unigram():
    """A small SentencePiece vocabulary, T5's special tokens first: whole words before letters."""
    specials = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    words = [("▁" + word, -3.0 - 0.1 * i) for i, word in enumerate(WORDS)]
    return specials + words + [(letter, -4.0 - 0.1 * i) for i, letter in enumerate(LETTERS)]


def clip_tokenizer(text, pad):
    return CLIPTokenizer(
        vocab=vocabulary(), merges=[tuple(m.split()) for m in MERGES], pad_token=pad,
        model_max_length=text["max_position_embeddings"])


def clip(text):
    return CLIPTextModelWithProjection(text_config(text))


def t5(case):
    """Encoder and tokenizer; neither where the case has no T5."""
    if case.t5 is None:
        return None, None
    tokenizer = T5TokenizerFast(vocab=unigram(), extra_ids=3, model_max_length=512)
    encoder = T5EncoderModel(T5Config(
        vocab_size=len(tokenizer) + 5, feed_forward_proj="gated-gelu", is_encoder_decoder=False,
        use_cache=False, **case.t5))
    return encoder, tokenizer


def write_model(case, folder):
    """Saves the case's random pipeline in its own dtype and layout."""
    torch.manual_seed(case.seed)
    encoder_3, tokenizer_3 = t5(case)
    parts = dict(
        transformer=SD3Transformer2DModel(**case.transformer), vae=autoencoder(case),
        text_encoder=clip(case.clip_l), text_encoder_2=clip(case.clip_g),
        text_encoder_3=encoder_3)
    generator = torch.Generator().manual_seed(case.seed)
    for module in parts.values():
        if module is not None:
            randomise(module, generator)
    pipeline = StableDiffusion3Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(**case.scheduler),
        tokenizer=clip_tokenizer(case.clip_l, END), tokenizer_2=clip_tokenizer(case.clip_g, "!"),
        tokenizer_3=tokenizer_3, **parts)
    pipeline.to(dtype=case.dtype).save_pretrained(folder, **case.save)


def read_model(case, folder):
    """The saved pipeline with its rounded weights, computing in fp32."""
    absent = {} if case.t5 else dict(text_encoder_3=None, tokenizer_3=None)
    pipeline = StableDiffusion3Pipeline.from_pretrained(
        pathlib.Path(folder), dtype=torch.float32, **absent)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
