"""Writes ../resources/tokenizer/t5: a small SentencePiece tokenizer as T5's tokenizer.json, and
what transformers makes of awkward texts with it.
"""
import json
import pathlib
import tempfile

import sentencepiece
import tokenizers
import transformers
from transformers import PreTrainedTokenizerFast, T5TokenizerFast

OUT = pathlib.Path(__file__).parent.parent / "resources/tokenizer/t5"
CORPUS = [
    "a red circle above a blue square, the small green triangle left of two yellow stars",
    "three big hearts below the diamond and we've seen they'll be where I'm not, don't worry",
    "a photograph of a café in the rain, naïve façade, über crème brûlée, an old master",
    "an astronaut riding a horse on the moon, highly detailed, 8k, trending, sharp focus",
    "12 or 3456 birds (in the style of a painting): 50% more! what? yes; no... \"quoted\"",
    "日本語 の 猫 と 犬, the cat and the dog",
]
TEXTS = [
    "",
    " ",
    "\n\t \u3000\u00a0\u2028",
    "a red circle above a blue square",
    "A RED Circle!",
    "  two  spaces   three \r\n\t lines\n\nend  ",
    "don't we'll IT'S they've I'm",
    "</s> a cat </s>",
    "<pad><unk>x<extra_id_0> <extra_id_1>y",
    "<extra_id_0", "< /s>",
    "▁a▁▁b ▁",
    "caf\u00e9 cafe\u0301 na\u00efve \u00fcber \u1e69 s\u0323\u0307 \u212b",
    "\ufb01ne \u2460\u00b2\u00bd x\u00b2 \uff21\uff22 \u00aa\u2122 \u3392",
    "\u03a3\u0391\u03a3 \u0130stanbul \u1e9e STRASSE \u01c5 \u13a0",
    "日本語の猫 犬！ 한국어 ภาษาไทย العربية עברית हिन्दी",
    "\U0001f600 \U0001f469\u200d\U0001f4bb\U0001f3fd \u2764\ufe0f\U0001f1eb\U0001f1f7a\U0001f63ab",
    "\x00a\x01\x1fb\x7f \x85c\u200bd\ufeffe\u00ad f\x0bg\x0ch",
    "a\u0085b\u00a0c\u2003d\u1680e",
    "3.14159 1,000,000 12ab34 \u0663\u0664 \u2167",
    "hello-world_foo@bar.com http://x.y/z?q=1&r=%20#frag",
    "((((a:1.2)))), [b|c] {d} \\e\\ `f` ~g~ ^h^ $i$ 'j' \"k\"",
    "z" * 300,
    " ".join(f"word{i}" for i in range(200)),
    "\U0001f600" * 100,
    "x" + "\u0301" * 200,
    "\ufffd \ud7ff \ue000 \U0010ffff",
]


def trained(folder):
    """A SentencePiece model with T5's layout of ids and its normalisation."""
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 20), model_prefix=f"{folder}/spiece", vocab_size=120,
        model_type="unigram", normalization_rule_name="nmt_nfkc", pad_id=0, eos_id=1, unk_id=2,
        bos_id=-1, minloglevel=2)
    return T5TokenizerFast.from_pretrained(folder, extra_ids=4)


def older_form(content):
    """The parts of tokenizer.json as converters of transformers 4 wrote them for the same model."""
    steps = [content["normalizer"], {"type": "Strip", "strip_left": False, "strip_right": True},
             {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}]
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}
    return content | {"normalizer": {"type": "Sequence", "normalizers": steps},
                      "pre_tokenizer": metaspace | {"split": True}}


def ids(tokenizer, text, length):
    return tokenizer(text, padding="max_length", truncation=True, max_length=length).input_ids


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        trained(folder).save_pretrained(folder)
        tokenizer = T5TokenizerFast.from_pretrained(folder)
        content = json.loads((pathlib.Path(folder) / "tokenizer.json").read_text("utf-8"))
        older_file = pathlib.Path(folder) / "older.json"
        older_file.write_text(json.dumps(older_form(content)), encoding="utf-8")
        older = PreTrainedTokenizerFast(
            tokenizer_file=str(older_file), pad_token="<pad>", eos_token="</s>")
    (OUT / "tokenizer.json").write_text(
        json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    cases = [
        dict(text=text, older=ids(older, text, 77),
             **{str(n): ids(tokenizer, text, n) for n in (5, 77, 256)})
        for text in TEXTS]
    fixture = {
        "made_with":
            f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}",
        "cases": cases}
    text = json.dumps(fixture).replace('}, {"text"', '},\n{"text"')
    (OUT / "cases.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
