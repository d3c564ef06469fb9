"""Tiny random SD3 pipelines, saved and read back as any user of diffusers would."""
import json
import pathlib

import torch
from diffusers import (
    AutoencoderKL, FlowMatchEulerDiscreteScheduler, SD3Transformer2DModel,
    StableDiffusion3Pipeline)
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer, T5Config, T5EncoderModel,
    T5TokenizerFast)

from random_models import END, MERGES, START, randomise, vocabulary

CORPUS = """the red cat and the blue dog on a mat, thing on a thing: a cat's café near the naïve dog
42 cats and 7 dogs & a bird 日本 の 猫 don't can't the cat on the dog""".split("\n")


def unigram():
    """The pieces and scores of a small SentencePiece vocabulary, T5's special tokens first."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=90, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>",
        show_progress=False)
    tokenizer.train_from_iterator(CORPUS * 3, trainer)
    return [tuple(piece) for piece in json.loads(tokenizer.to_str())["model"]["vocab"]]


def clip_tokenizer(text, pad):
    return CLIPTokenizer(
        vocab=vocabulary(), merges=[tuple(m.split()) for m in MERGES], pad_token=pad,
        model_max_length=text["max_position_embeddings"])


def clip(text):
    words = vocabulary()
    return CLIPTextModelWithProjection(CLIPTextConfig(**dict(
        vocab_size=len(words), bos_token_id=words[START], eos_token_id=words[END],
        pad_token_id=0) | text))


def t5(case):
    """Encoder and tokenizer; neither where the case has no T5."""
    if case.t5 is None:
        return None, None
    tokenizer = T5TokenizerFast(vocab=unigram(), extra_ids=3, model_max_length=512)
    encoder = T5EncoderModel(T5Config(
        vocab_size=len(tokenizer) + 5, feed_forward_proj="gated-gelu", is_encoder_decoder=False,
        use_cache=False, **case.t5))
    return encoder, tokenizer


def autoencoder(case):
    levels = len(case.vae["block_out_channels"])
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels, latent_channels=16, use_quant_conv=False,
        use_post_quant_conv=False, sample_size=case.latent[0] * 2 ** (levels - 1), **case.vae)


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
