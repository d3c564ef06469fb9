"""Writes a diffusers directory of random weights in a family's real size, or counts its parameters.

Networks, files and shards are as published; the tokenizers are small ones of the right length, so
the texts mean nothing. For speed and memory only. Written tensor by tensor: needs little memory.
"""
import argparse
import functools
import json
import math
import pathlib
import shutil

import numpy
import torch
from families import FAMILIES

ROOT = pathlib.Path(__file__).parents[4]
CLIP_WORDS = ROOT / "demo" / "model" / "tokenizer"
T5_WORDS = ROOT / "diffusion/src/test/resources/parity/sd35-fp32/model/tokenizer_3"
TOKENS = 77
TYPES = {"fp32": (numpy.float32, "F32"), "fp16": (numpy.float16, "F16")}
NOISE = 2 ** 22 - 3  # values drawn; a larger tensor repeats them, at no multiple of its rows


def write_tokenizer(folder):
    """The demo model's words, at CLIP's length."""
    shutil.copytree(CLIP_WORDS, folder)
    (folder / "tokenizer.json").unlink(missing_ok=True)
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model_max_length": TOKENS}))


def end_of_text():
    words = json.loads((CLIP_WORDS / "vocab.json").read_text())
    return words["<|startoftext|>"], words["<|endoftext|>"]


@functools.lru_cache
def noise(kind, fan_in):
    """Uniform values with the spread that torch gives a new layer."""
    drawn = numpy.random.default_rng(0).uniform(-1, 1, NOISE)
    return (drawn / math.sqrt(fan_in)).astype(kind)


def values(name, shape, kind):
    """One tensor's values: as torch draws a new layer's, norms and biases as those begin."""
    if len(shape) < 2:
        start = 1 if name.endswith("weight") else 0
        yield numpy.full(shape, start, kind)
        return
    scaled = noise(kind, math.prod(shape[1:]))
    left = math.prod(shape)
    while left > 0:
        yield scaled[:left]
        left -= min(left, len(scaled))


def write_file(path, tensors, dtype):
    kind, code = TYPES[dtype]
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in tensors.items():
        begin, end = end, end + math.prod(shape) * numpy.dtype(kind).itemsize
        header[name] = dict(dtype=code, shape=list(shape), data_offsets=[begin, end])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in tensors.items():
            for part in values(name, shape, kind):
                part.tofile(file)
    return end


def shards(tensors, limit, itemsize):
    parts, room = [{}], limit
    for name, shape in tensors.items():
        size = math.prod(shape) * itemsize
        if size > room and parts[-1]:
            parts.append({})
            room = limit
        parts[-1][name] = shape
        room -= size
    return parts


def write_weights(folder, network, tensors, dtype):
    parts = shards(tensors, network.shard_bytes, numpy.dtype(TYPES[dtype][0]).itemsize)
    name = network.base_name
    if len(parts) == 1:
        write_file(folder / f"{name}.safetensors", parts[0], dtype)
        return
    places, total = {}, 0
    for number, part in enumerate(parts, 1):
        shard = f"{name}-{number:05d}-of-{len(parts):05d}.safetensors"
        total += write_file(folder / shard, part, dtype)
        places |= dict.fromkeys(part, shard)
    index = dict(metadata=dict(total_size=total), weight_map=places)
    (folder / f"{name}.safetensors.index.json").write_text(json.dumps(index, indent=1))


def stored(module):
    """What a file holds: T5's table of tokens once, under the name shared.weight."""
    return {k: v for k, v in module.state_dict().items() if k != "encoder.embed_tokens.weight"}


def write_network(out, network, dtype):
    folder = out / network.folder
    folder.mkdir(parents=True)
    module = network.on_meta()
    if network.folder.startswith("text"):
        module.config.architectures = [type(module).__name__]
        if module.config.model_type == "clip_text_model":
            module.config.bos_token_id, module.config.eos_token_id = end_of_text()
        module.config.save_pretrained(folder)
    else:
        module.save_config(folder)
    shapes = {k: tuple(v.shape) for k, v in stored(module).items()}
    write_weights(folder, network, shapes, dtype)
    library = "transformers" if network.folder.startswith("text") else "diffusers"
    return library, type(module).__name__


def write(family, out, dtype, with_t5):
    index = {"_class_name": family.pipeline, "_diffusers_version": "0.42.1"} | family.index
    for network in family.networks:
        tokenizer = network.folder.replace("text_encoder", "tokenizer")
        if network.folder == "text_encoder_3" and not with_t5:
            index |= {network.folder: [None, None], tokenizer: [None, None]}
            continue
        index[network.folder] = write_network(out, network, dtype)
        if tokenizer == "tokenizer_3":
            shutil.copytree(T5_WORDS, out / tokenizer)
            index[tokenizer] = ("transformers", "T5TokenizerFast")
        elif tokenizer != network.folder:
            write_tokenizer(out / tokenizer)
            index[tokenizer] = ("transformers", "CLIPTokenizer")
    scheduler = family.scheduler()
    scheduler.save_pretrained(out / "scheduler")
    index["scheduler"] = ("diffusers", type(scheduler).__name__)
    (out / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")


def count(family):
    for network in family.networks:
        found = sum(v.numel() for v in stored(network.on_meta()).values()) / 1e6
        print(f"{family.name} {network.folder}: {found:.1f} M values, "
              f"published {network.millions:g} M")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--family", choices=list(FAMILIES), default="sd21")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=pathlib.Path, help="an empty or new folder")
    where.add_argument("--count", action="store_true", help="only count parameters")
    parser.add_argument("--dtype", choices=list(TYPES), default="fp16")
    parser.add_argument("--t5", action="store_true", help="with T5-XXL, 9 GiB more in fp16")
    args = parser.parse_args()
    family = FAMILIES[args.family]
    if args.count:
        count(family)
        return
    if args.out.exists() and any(args.out.iterdir()):
        parser.error(f"--out {args.out}: expected an empty or new folder, found files in it")
    args.out.mkdir(parents=True, exist_ok=True)
    write(family, args.out, args.dtype, args.t5)
    size = sum(f.stat().st_size for f in args.out.rglob("*") if f.is_file())
    print(f"{args.out}: {family.name} of random weights, {args.dtype}, {size / 2 ** 30:.1f} GiB")


if __name__ == "__main__":
    main()
