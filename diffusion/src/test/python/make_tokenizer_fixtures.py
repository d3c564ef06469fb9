"""Writes ../resources/tokenizer: small CLIP tokenizers, and what transformers makes of awkward
texts with them. `files` and `single` are the two file forms; `xl` and `xl-2` pad as the two
tokenizers of SDXL do, the first with its special tokens spelt out as in the Hub's files.

Made with transformers 5.23.0, tokenizers 0.23.3:  python make_tokenizer_fixtures.py
"""

import json
import shutil
from pathlib import Path

import tokenizers
import transformers
from tokenizers import models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

OUT = Path(__file__).parent.parent / "resources/tokenizer"
BEGIN, END = "<|startoftext|>", "<|endoftext|>"
CORPUS = """a red circle above a blue square. the small green triangle, left of two yellow stars; it's
three big hearts below the diamond and we've seen they'll be where I'm not, don't worry: 12 or 3456 birds
photograph of a café in the rain, naïve façade, über crème brûlée, a painting in the style of an old master
an astronaut riding a horse on the moon, highly detailed, 8k, trending, sharp focus, 日本語 の 猫 と 犬""".split()

TEXTS = [
    "",
    " ",
    "\n\t \u3000\u00a0\u2028",
    "a red circle above a blue square",
    "A RED Circle!",
    "don't we'll IT'S they've I'm he'd x'S",
    "don!t !! ! a!b !",
    "!<|endoftext|>!",
    "<|startoftext|> a cat <|endoftext|> a dog <|endoftext|>",
    "<|STARTOFTEXT|> !!<|ENDOFTEXT|>?? <|StartOfText|>",
    "<|endoftext", "|>",
    "caf\u00e9 cafe\u0301 na\u00efve \u00fcber \u1e69 s\u0323\u0307 \u212b",
    "\ufb01ne \u2460\u00b2\u00bd x\u00b2 \uff21\uff22",
    "\u03a3\u0391\u03a3 \u0130stanbul I\u0307 \u1e9e STRASSE \u01c5 \u13a0",
    "\u65e5\u672c\u8a9e\u306e\u732b \u72ac\uff01 \ud55c\uad6d\uc5b4 \u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22 \u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u05e2\u05d1\u05e8\u05d9\u05ea \u0939\u093f\u0928\u094d\u0926\u0940",
    "\U0001f600 \U0001f469\u200d\U0001f4bb\U0001f3fd \u2764\ufe0f\U0001f1eb\U0001f1f7a\U0001f63ab",
    "\x00a\x01\x1fb\x7f \x85c\u200bd\ufeffe\u00ad f\x0bg\x0ch",
    "a\u0085b\u00a0c\u2003d\u1680e",
    "3.14159 1,000,000 12ab34 \u0663\u0664 \u2167",
    "hello-world_foo@bar.com http://x.y/z?q=1&r=%20#frag",
    "((((a:1.2)))), [b|c] {d} \\e\\ `f` ~g~ ^h^ $i$ 'j' \"k\"",
    "..................................................",
    "\u0301\u0301\u0301 a\u0301\u0301 \u200d",
    "z" * 300,
    "ab" * 400,
    " ".join(["red", "circle", "above", "blue"] * 50),
    " ".join(f"word{i}" for i in range(200)),
    "\U0001f600" * 100,
    "a painting of a horse " * 3 + "!" * 90,
    "x" + "\u0301" * 200,
    "the   small \r\n green\ttriangle",
]


def train():
    """A byte-level BPE with CLIP's own layout of ids: bytes, bytes that end a word, merges, specials."""
    t = tokenizers.Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    t.normalizer = normalizers.Lowercase()
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    words = [w for w in CORPUS for _ in range(2)]
    t.train_from_iterator(
        words,
        trainers.BpeTrainer(vocab_size=900, min_frequency=2, end_of_word_suffix="</w>", initial_alphabet=alphabet),
    )
    merges = [tuple(m) if not isinstance(m, str) else tuple(m.split(" ")) for m in json.loads(t.to_str())["model"]["merges"]]
    order = [chr(b) for b in (*range(33, 127), *range(161, 173), *range(174, 256))]
    order += sorted(set(alphabet) - set(order))
    tokens = order + [s + "</w>" for s in order]
    for a, b in merges:
        if a + b not in tokens:
            tokens.append(a + b)
    tokens += [BEGIN, END]
    return {s: i for i, s in enumerate(tokens)}, merges


def write_files(name, vocab, merges, special, config):
    """vocab.json and merges.txt, with the special tokens in a file of their own."""
    folder = OUT / name
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2"] + [f"{a} {b}" for a, b in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, **config}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


def spelt_out(content, typed):
    token = {"content": content, "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    return {"__type": "AddedToken", **token} if typed else token


def main():
    names = ("files", "single", "xl", "xl-2")
    for name in names:
        shutil.rmtree(OUT / name, ignore_errors=True)
    vocab, merges = train()
    special = {"bos_token": BEGIN, "eos_token": END, "unk_token": END, "pad_token": "!"}
    write_files("files", vocab, merges, special, {})
    roles = {"bos_token": BEGIN, "eos_token": END, "unk_token": END}
    write_files(
        "xl",
        vocab,
        merges,
        {**{role: spelt_out(token, False) for role, token in roles.items()}, "pad_token": END},
        {**{role: spelt_out(token, True) for role, token in roles.items()}, "pad_token": END,
         "add_prefix_space": False, "do_lower_case": True, "errors": "replace"},
    )
    single = CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=30)
    single.save_pretrained(OUT / "single")
    CLIPTokenizer(vocab=vocab, merges=merges, pad_token="!", model_max_length=77).save_pretrained(OUT / "xl-2")

    def cases(name):
        t = CLIPTokenizer.from_pretrained(OUT / name)
        n = t.model_max_length
        return [
            {"text": s, "ids": t(s, padding="max_length", truncation=True, max_length=n).input_ids} for s in TEXTS
        ]

    fixture = {
        "made_with": f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}",
        **{name: cases(name) for name in names},
    }
    (OUT / "cases.json").write_text(json.dumps(fixture).replace('}, {"text"', '},\n{"text"') + "\n")


main()
