"""The Python side of the benchmarks: one job with diffusers and peft, measured, one JSON line out.

Settings are those of a good user: no gradients while sampling, both guidance halves in one batch,
cached latents and embeddings in training, fused attention (the libraries' default). Each
job runs once in small to warm up and then measured.
"""
import argparse
import json
import pathlib
import resource
import sys
import time

IMPORT_BEGIN = time.perf_counter()

import torch  # noqa: E402
from diffusers import DDIMScheduler, DDPMScheduler, StableDiffusionPipeline  # noqa: E402
from diffusers.utils import logging  # noqa: E402
from peft import LoraConfig  # noqa: E402



def peak_rss_mib():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


IMPORT_SECONDS, IMPORT_RSS_MIB = time.perf_counter() - IMPORT_BEGIN, peak_rss_mib()
TARGETS = ["to_q", "to_k", "to_v", "to_out.0"]
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "bf16-autocast": torch.float32}


def load(args):
    pipeline = StableDiffusionPipeline.from_pretrained(
        args.model, dtype=DTYPES[args.dtype], safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def autocast(args):
    return torch.autocast("cpu", torch.bfloat16, enabled=args.dtype == "bf16-autocast")


def latent_shape(pipeline, count):
    size = pipeline.unet.config.sample_size
    return count, pipeline.unet.config.in_channels, size, size


def embed(pipeline, texts):
    ids = pipeline.tokenizer(
        texts, padding="max_length", truncation=True,
        max_length=pipeline.tokenizer.model_max_length, return_tensors="pt").input_ids
    return pipeline.text_encoder(ids)[0]


@torch.no_grad()
def draw_candidates(pipeline, args, count, steps):
    """DDPM with guidance; the MI of each sample falls out of the two predictions."""
    scheduler = DDPMScheduler.from_config(pipeline.scheduler.config)
    scheduler.set_timesteps(args.steps)
    hidden = embed(pipeline, ["", args.prompt]).repeat_interleave(count, 0)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(latent_shape(pipeline, count), generator=generator).to(hidden.dtype)
    score = torch.zeros(count)
    for t in scheduler.timesteps[:steps]:
        u, c = pipeline.unet(torch.cat([x, x]), t, hidden).sample.chunk(2)
        if t > 50:
            weight = scheduler.betas[t] * 1000 / (2 * (1 - scheduler.alphas_cumprod[t]))
            score += weight * (u.float() - c.float()).square().sum((1, 2, 3))
        x = scheduler.step(u + args.guidance * (c - u), t, x, generator=generator).prev_sample
    assert torch.isfinite(score).all()
    return x


def candidates(args):
    pipeline = load(args)
    with autocast(args):
        draw_candidates(pipeline, args, min(args.batch, args.count), min(2, args.steps))
        begin = time.perf_counter()
        left = args.count
        while left > 0:
            draw_candidates(pipeline, args, min(left, args.batch), args.steps)
            left -= args.batch
        return time.perf_counter() - begin, args.count


def images(args):
    """Whole pictures: DDIM with guidance, then the VAE."""
    pipeline = load(args)
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)

    def draw(count, steps):
        with autocast(args):
            pipeline(args.prompt, num_images_per_prompt=count, num_inference_steps=steps,
                     guidance_scale=args.guidance)

    draw(min(args.batch, args.count), min(2, args.steps))
    begin = time.perf_counter()
    for first in range(0, args.count, args.batch):
        draw(min(args.batch, args.count - first), args.steps)
    return time.perf_counter() - begin, args.count


def train(args, warm_up=True):
    """DoRA steps from cached latents and embeddings; adapter weights and optimizer in fp32."""
    pipeline = load(args)
    unet = pipeline.unet.requires_grad_(False)
    unet.add_adapter(LoraConfig(
        r=args.rank, lora_alpha=args.rank, use_dora=True, init_lora_weights="gaussian",
        target_modules=TARGETS))
    parameters = [p for p in unet.parameters() if p.requires_grad]
    for p in parameters:
        p.data = p.data.float()
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=1e-2)
    scheduler = DDPMScheduler.from_config(pipeline.scheduler.config)
    with torch.no_grad():
        hidden = embed(pipeline, [args.prompt]).repeat(args.batch, 1, 1)
    latents = torch.randn(latent_shape(pipeline, args.batch)).to(hidden.dtype)
    low_precision = args.dtype != "fp32"

    def step():
        noise = torch.randn_like(latents)
        t = torch.randint(0, scheduler.config.num_train_timesteps, (args.batch,))
        with torch.autocast("cpu", torch.bfloat16, enabled=low_precision):
            prediction = unet(scheduler.add_noise(latents, noise, t), t, hidden).sample
        loss = (prediction.float() - noise.float()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()

    if warm_up:
        step()
    begin = time.perf_counter()
    for _ in range(args.steps):
        step()
    return time.perf_counter() - begin, args.steps * args.batch


def load_only(args):
    """From nothing to the first text embedding; the imports' time stands beside it."""
    begin = time.perf_counter()
    with torch.no_grad():
        embed(load(args), [args.prompt])
    return time.perf_counter() - begin, 1


def roles(args):
    """Scored candidates and their pictures, then optimizer steps: what the roles do, in a row."""
    begin = time.perf_counter()
    pipeline = load(args)
    latents = draw_candidates(pipeline, args, args.count, args.steps)
    decoder = pipeline.vae.float()
    with torch.no_grad():
        for x in latents:
            decoder.decode(x[None].float() / decoder.config.scaling_factor)
    del pipeline, decoder
    args.batch = 1
    train(args, warm_up=False)
    return time.perf_counter() - begin, args.count


JOBS = {"candidates": candidates, "roles": roles, "images": images, "train": train, "load": load_only}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("job", choices=list(JOBS))
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--dtype", choices=list(DTYPES), default="fp32")
    parser.add_argument("--prompt", default="a red circle and a blue square")
    parser.add_argument("--count", type=int, default=16, help="candidates or images")
    parser.add_argument("--batch", type=int, default=16, help="samples per model call")
    parser.add_argument("--steps", type=int, default=50, help="sampling or optimizer steps")
    parser.add_argument("--guidance", type=float, default=2.0)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    logging.disable_progress_bar()
    seconds, items = JOBS[args.job](args)
    print(json.dumps(dict(
        job=args.job, dtype=args.dtype, batch=args.batch, steps=args.steps,
        seconds=round(seconds, 4), items=items, items_per_second=round(items / seconds, 4),
        peak_rss_mib=peak_rss_mib(), import_rss_mib=IMPORT_RSS_MIB,
        import_seconds=round(IMPORT_SECONDS, 3), threads=args.threads, torch=torch.__version__)))


if __name__ == "__main__":
    main()
