"""Draws the training scenes, of seen combinations only: images.npy and the specs.json of each."""
import argparse
import json
import multiprocessing
import pathlib
import random

import numpy as np

from captions import sample_spec
from scenes import SIZE, place, render

CHUNK = 1000


def chunk(k):
    rng = random.Random(1000 + k)
    specs = [sample_spec(rng) for _ in range(CHUNK)]
    return specs, np.stack([render(place(s.items, s.relation, rng)) for s in specs])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60000, help="rounded down to thousands")
    parser.add_argument("--out", type=pathlib.Path, default="work")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    chunks = args.count // CHUNK
    images = np.lib.format.open_memmap(
        args.out / "images.npy", "w+", np.uint8, (chunks * CHUNK, SIZE, SIZE, 3))
    specs = []
    with multiprocessing.Pool() as pool:
        for k, (chunk_specs, drawn) in enumerate(pool.imap(chunk, range(chunks))):
            specs += chunk_specs
            images[k * CHUNK:(k + 1) * CHUNK] = drawn
    images.flush()
    (args.out / "specs.json").write_text(json.dumps(specs))
    print(f"{len(specs)} scenes")


if __name__ == "__main__":
    main()
