"""Grades ground-truth drawings of all colours and shapes: all of them should be right."""
import argparse
import collections
import random

from captions import EVERY, caption, sample_spec
from grader import detect, grade
from scenes import place, render


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=123)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    total, right = collections.Counter(), collections.Counter()
    for _ in range(args.images):
        spec = sample_spec(rng, EVERY)
        image = render(place(spec.items, spec.relation, rng))
        ok = grade(image, spec).right
        total[spec.kind] += 1
        right[spec.kind] += ok
        if not ok:
            print("wrong:", caption(spec), [f[:2] for f in detect(image)])
    for kind in total:
        print(f"{kind}: {right[kind]} of {total[kind]} right")
    print(f"all: {right.total()} of {total.total()} right")


if __name__ == "__main__":
    main()
