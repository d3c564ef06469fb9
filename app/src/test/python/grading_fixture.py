"""Makes src/test/resources/grading: 320 pictures and what the reference grader says of them.

The reference grader (grader.py, scenes.py) is part of the demo model's recipe. Pictures: right
drawings, drawings under wrong captions, the same through the VAE, through the VAE with noise on the
latents, and samples of the demo model in few steps, so that many are wrong in some way.

    python grading_fixture.py RECIPE_DIR MODEL_DIR OUT_DIR     (torch, diffusers, pillow)
"""

import random
import sys

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, sys.argv[1])
from grader import grade  # noqa: E402
from scenes import ALL, INVERSE, caption, draw_spec, prompt_sets, render, sample_spec  # noqa: E402

COLUMNS = 20


def drawings(rng, count):
    specs = [sample_spec(rng, ALL) for _ in range(count)]
    return [np.asarray(render(draw_spec(spec, rng))) for spec in specs], specs


def wrong(rng, spec):
    """A caption that is not true of the scene."""
    kind, items, relation = spec
    if kind == "spatial" and rng.random() < 0.5:
        return kind, items, INVERSE[relation]
    if kind == "numeracy":
        return kind, [items[0]] * (len(items) % 4 + 1), None
    return kind, [rng.choice(ALL)] + list(items[1:]), relation


def main():
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    rng = random.Random(1)
    pipe = StableDiffusionPipeline.from_pretrained(sys.argv[2], torch_dtype=torch.float32)
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)

    drawn, specs = drawings(rng, 100)
    pictures, wanted = list(drawn[:60]), specs[:40] + [wrong(rng, s) for s in specs[40:60]]

    x = torch.tensor(np.stack(drawn)).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        latents = pipe.vae.encode(x).latent_dist.mean
        noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(1))
        for scale, part in ((0.0, slice(40, 100)), (0.35, slice(0, 80))):
            z = latents[part] + scale * latents.std() * noise[part]
            y = pipe.vae.decode(z).sample.clamp(-1, 1)
            pictures += list(((y + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy())
            wanted += specs[part]

    evaluation, _ = prompt_sets()
    asked = [spec for spec in evaluation for _ in range(2)]
    made = pipe([caption(s) for s in asked], num_inference_steps=12, guidance_scale=2.0,
                generator=torch.Generator().manual_seed(1), output_type="np").images
    pictures += [(255 * m).round().astype(np.uint8) for m in made]
    wanted += asked

    rows = len(pictures) // COLUMNS
    sheet = np.stack(pictures).reshape(rows, COLUMNS, 64, 64, 3).transpose(0, 2, 1, 3, 4)
    Image.fromarray(sheet.reshape(rows * 64, COLUMNS * 64, 3)).save(
        f"{sys.argv[3]}/pictures.png", optimize=True)
    with open(f"{sys.argv[3]}/grades.tsv", "w", encoding="utf-8") as out:
        for picture, spec in zip(pictures, wanted):
            g = grade(picture, spec)
            row = (caption(spec), g["ok"], g["objects"], f"{g['part']:.6f}", g["n"])
            out.write("\t".join(str(v).lower() for v in row) + "\n")


main()
