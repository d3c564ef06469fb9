"""The tables of the model card: selection by score, and fine-tuned models against each other."""
import argparse
import pathlib

import torch

from candidates import mean_and_error, table
from captions import KINDS, Spec
from sampling import mutual_information

SCORES = {"official, t > 50": (50, True), "official, t > 400": (400, True),
          "unweighted, t > 50": (50, False), "official, all t": (-1, True)}


def chosen(right, index):
    return right[torch.arange(len(right)), index].double()


def area_under_curve(scores, right):
    """Mean over the mixed prompts: how often a right sample outscores a wrong one."""
    areas = [(s[r][:, None] > s[~r][None]).double().mean()
             for s, r in zip(scores, right) if r.any() and not r.all()]
    return torch.stack(areas).mean().item()


def selection(result):
    right = result["right"]
    print("random", mean_and_error(right.double().mean(1)))
    for name, (cut, weighted) in SCORES.items():
        scores = mutual_information(result["distances"], result["timesteps"], cut, weighted)
        quarter = scores.topk(max(1, scores.shape[1] // 4), 1).indices
        print(f"{name}: highest {mean_and_error(chosen(right, scores.argmax(1)))}, "
              f"top quarter {mean_and_error(right.gather(1, quarter).double().mean(1))}, "
              f"lowest {mean_and_error(chosen(right, scores.argmin(1)))}, "
              f"AUC {area_under_curve(scores, right):.3f}")
    scores = mutual_information(result["distances"], result["timesteps"])
    for kind in KINDS:
        rows = torch.tensor([spec[0] == kind for spec in result["specs"]])
        print(f"{kind}: random {mean_and_error(right[rows].double().mean(1))}, "
              f"highest {mean_and_error(chosen(right[rows], scores[rows].argmax(1)))}, "
              f"lowest {mean_and_error(chosen(right[rows], scores[rows].argmin(1)))}")


def comparison(paths):
    """Paired by prompt and seed with the first file."""
    results = [torch.load(path, weights_only=True) for path in paths]
    base = results[0]["right"].double().mean(1)
    for path, result in zip(paths, results):
        specs = [Spec(*spec) for spec in result["specs"]]
        gain = mean_and_error(result["right"].double().mean(1) - base)
        print(f"{path.stem}: {table(specs, result['right'])}; against the first {gain}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["selection", "comparison"])
    parser.add_argument("files", nargs="+", type=pathlib.Path, help="of candidates.py")
    args = parser.parse_args()
    if args.what == "comparison":
        comparison(args.files)
    else:
        for path in args.files:
            selection(torch.load(path, weights_only=True))


if __name__ == "__main__":
    main()
