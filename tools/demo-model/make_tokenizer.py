"""Writes a byte-level BPE tokenizer in CLIP's format that knows the captions' words.

256 byte symbols, the same at the end of a word, the merges, and the start and end tokens: any
text tokenises, and each word of a caption is one token.
"""
import argparse
import collections
import json
import pathlib

from transformers.convert_slow_tokenizer import bytes_to_unicode

from captions import EVERY, RELATIONS, Spec, caption

START, END, PAD = "<|startoftext|>", "<|endoftext|>", "!"
MAX_LENGTH = 24


def word_counts():
    texts = [caption(Spec("single", [item])) for item in EVERY]
    texts += [caption(Spec("numeracy", [item] * n)) for item in EVERY for n in (1, 2, 3, 4)]
    pair = [("red", "circle"), ("blue", "square")]
    texts += [caption(Spec("spatial", pair, relation)) for relation in RELATIONS]
    texts += [caption(Spec("colors", pair))] * 20
    return collections.Counter(word for text in texts for word in text.split())


def join(symbols, pair):
    """The symbols with each occurrence of the pair made one."""
    joined = []
    for symbol in symbols:
        if joined and (joined[-1], symbol) == pair:
            joined[-1] += symbol
        else:
            joined.append(symbol)
    return joined


def learn_merges(counts):
    words = {word: [*word[:-1], word[-1] + "</w>"] for word in counts}
    merges = []
    while True:
        pairs = collections.Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += counts[word]
        if not pairs:
            return merges
        best = max(sorted(pairs), key=pairs.get)
        merges.append(best)
        words = {word: join(symbols, best) for word, symbols in words.items()}


def special(content):
    return dict(content=content, lstrip=False, normalized=True, rstrip=False, single_word=False,
                __type="AddedToken")


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    symbols = list(bytes_to_unicode().values())
    merges = learn_merges(word_counts())
    tokens = symbols + [s + "</w>" for s in symbols] + ["".join(m) for m in merges] + [START, END]
    vocabulary = {token: i for i, token in enumerate(tokens)}
    lines = ["#version: 0.2", *(" ".join(m) for m in merges), ""]
    config = dict(
        add_prefix_space=False, bos_token=special(START), eos_token=special(END),
        unk_token=special(END), pad_token=PAD, do_lower_case=True, errors="replace",
        model_max_length=MAX_LENGTH, tokenizer_class="CLIPTokenizer")
    names = dict(bos_token=START, eos_token=END, unk_token=END, pad_token=PAD)
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    (folder / "merges.txt").write_text("\n".join(lines), "utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1), "utf-8")
    (folder / "special_tokens_map.json").write_text(json.dumps(names, indent=1), "utf-8")
    return len(vocabulary), len(merges)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default="work/tokenizer")
    args = parser.parse_args()
    print("%d tokens, %d merges" % write(args.out))


if __name__ == "__main__":
    main()
