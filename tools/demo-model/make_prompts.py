"""Writes the demo's prompt files: tune.txt, eval.txt and validation.txt, one caption a line."""
import argparse
import pathlib

from captions import caption, prompt_sets


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default="prompts")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name, specs in prompt_sets().items():
        lines = "".join(caption(spec) + "\n" for spec in specs)
        (args.out / f"{name}.txt").write_text(lines, encoding="utf-8")
        print(f"{name}.txt: {len(specs)} prompts")


if __name__ == "__main__":
    main()
