"""Open an export with the libraries that people will open it with, and say what they see.

    python tools/export/check.py FORMAT FOLDER

Fails when a library does not read it, or reads something else than metadata and pictures say.
"""

import io
import json
import sys
from pathlib import Path

import datasets
import numpy
import pandas
import pyarrow.parquet
import safetensors.numpy
import torch
import webdataset
from PIL import Image

PLAIN = {"text": "string", "mi": "float64", "seed": "int64", "rank": "int32", "complete": "bool"}


def imagefolder(folder):
    rows = datasets.load_dataset("imagefolder", data_dir=str(folder), split="train")
    lines = [json.loads(line) for line in open(folder / "metadata.jsonl", encoding="utf-8")]
    assert len(rows) == len(lines) > 0
    assert isinstance(rows.features["image"], datasets.Image), rows.features
    by_id = {line["candidate_id"]: line for line in lines}
    for row in rows:
        line = by_id[row["candidate_id"]]
        assert row["text"] == line["text"] and row["seed"] == line["seed"]
        seen(row["image"], Image.open(folder / line["file_name"]))
        if "latents_file" in line:
            file = folder / line["latents_file"]
            array = numpy.load(file) if file.suffix == ".npy" else latents(file.read_bytes())
            assert array.shape[0] == 1 and array.ndim == 4 and array.dtype == numpy.float32
    return rows


def webdataset_(folder):
    shards = sorted(str(shard) for shard in folder.glob("*.tar"))
    samples = list(webdataset.WebDataset(shards, shardshuffle=False).decode("pil"))
    for sample in samples:
        assert sample["json"]["text"] == sample["txt"], sample
        sample["png"].load()
        if "npy" in sample:
            assert sample["npy"].ndim == 4
        if "safetensors" in sample:
            assert latents(sample["safetensors"]).ndim == 4
    assert len({sample["__key__"] for sample in samples}) == len(samples)
    rows = datasets.load_dataset("webdataset", data_files=shards, split="train")
    assert len(rows) == len(samples) > 0
    rows[0]["png"].load()
    return rows


def parquet(folder):
    files = sorted(str(file) for file in (folder / "data").glob("*.parquet"))
    table = pyarrow.parquet.ParquetDataset(files).read()
    table.validate(full=True)
    frame = pandas.read_parquet(folder / "data")
    rows = datasets.load_dataset(str(folder), split="train")
    assert isinstance(rows.features["image"], datasets.Image), rows.features
    for name, dtype in PLAIN.items():
        assert rows.features[name].dtype == dtype, rows.features[name]
    assert len(rows) == len(frame) == table.num_rows > 0
    for row, values in zip(rows, frame.to_dict("records")):
        assert row["text"] == values["text"] and row["complete"] == values["complete"]
        seen(row["image"], Image.open(io.BytesIO(values["image"]["bytes"])))
    return rows


def preference(folder):
    rows = datasets.load_dataset(str(folder), split="train")
    for row in rows:
        assert row["label_0"] == 1 and row["mi_0"] > row["mi_1"]
        pictures = [Image.open(io.BytesIO(row[name])).convert("RGB") for name in ("jpg_0", "jpg_1")]
        assert pictures[0].size == pictures[1].size
    return rows


def preference_folder(folder):
    rows = datasets.load_dataset("imagefolder", data_dir=str(folder), split="train")
    for row in rows:
        assert row["label_0"] == 1 and row["mi_0"] > row["mi_1"]
        assert row["jpg_0"].size == row["jpg_1"].size
    return rows


def official(folder):
    """What the authors' data set does: every folder, three names, concatenated to batches."""
    names = ["latents", "prompt_embeds"]
    folders = sorted(path for path in folder.iterdir() if path.is_dir())
    if (folders[0] / "pooled_prompt_embeds.pt").exists():
        names.append("pooled_prompt_embeds")
    whole = {name: [] for name in names}
    for path in folders:
        tensors = safetensors.numpy.load_file(path / "sample.safetensors")
        assert sorted(tensors) == sorted(names), tensors.keys()
        for name in names:
            tensor = torch.load(path / f"{name}.pt", weights_only=True)
            assert tensor.dtype == torch.float32 and tensor.shape[0] == 1
            assert torch.equal(tensor, torch.from_numpy(tensors[name])), name
            whole[name].append(tensor)
        Image.open(path / "image.png").load()
    batch = {name: torch.cat(tensors) for name, tensors in whole.items()}
    print({name: tuple(tensor.shape) for name, tensor in batch.items()})
    return [json.loads(line) for line in open(folder / "metadata.jsonl", encoding="utf-8")]


def tensor(file):
    """The frozen file of the unit tests."""
    expected = torch.arange(24, dtype=torch.float32).reshape(1, 2, 3, 4)
    assert torch.equal(torch.load(file, weights_only=True), expected)
    return expected


def latents(data):
    return safetensors.numpy.load(data)["latents"]


def seen(picture, expected):
    assert numpy.array_equal(numpy.asarray(picture), numpy.asarray(expected))


CHECKS = {
    "imagefolder": imagefolder,
    "webdataset": webdataset_,
    "parquet": parquet,
    "preference": preference,
    "preference-folder": preference_folder,
    "official": official,
    "tensor": tensor,
}

if __name__ == "__main__":
    kind, place = sys.argv[1], Path(sys.argv[2])
    found = CHECKS[kind](place)
    print(getattr(found, "features", ""))
    print(f"{kind}: {len(found)} good")
