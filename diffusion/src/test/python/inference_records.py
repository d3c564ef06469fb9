"""What the real libraries make of a case without gradients: texts, one UNet call, sampling, VAE."""
import torch
from diffusers import DDPMScheduler, EulerDiscreteScheduler, PNDMScheduler
from diffusers.schedulers import scheduling_ddpm

from texts import denoise, embed, embed_guided, token_ids

TEXTS = [
    "the red cat and the blue dog",
    "",
    "A RED  Cat's\thing on a mat",
    "naïve café, 42 cats!! & thing_7 ...",
    "the cat on the dog on the cat on the dog on the cat on the dog on the cat on the dog",
    "日本の猫 🐈 don't",
]
PROMPTS, NEGATIVE = ["the red cat", "a blue dog and the cat's thing"], ""
STEPS, GUIDANCE = 6, 3.0
OTHER_SCHEDULERS = {"euler": EulerDiscreteScheduler, "pndm": PNDMScheduler, "ddpm": DDPMScheduler}


def text_records(pipeline):
    text = embed(pipeline, TEXTS)
    records = {"text/ids": token_ids(pipeline.tokenizer, TEXTS), "text/embeddings": text.hidden}
    if text.pooled is not None:
        records |= {"text/ids_2": token_ids(pipeline.tokenizer_2, TEXTS),
                    "text/pooled": text.pooled}
    return records


def unet_records(pipeline, case, generator):
    sample = torch.randn(3, 4, *case.latent, generator=generator)
    timesteps = torch.tensor([1, 481, 990])
    text = embed(pipeline, TEXTS[:3])
    output = denoise(pipeline.unet, sample, timesteps, text)
    return {"unet/sample": sample, "unet/timesteps": timesteps, "unet/output": output,
            **text.records("unet")}


def vae_records(pipeline, case, generator):
    scale = 2 ** (len(case.vae["block_out_channels"]) - 1)
    image = torch.rand(2, 3, *(scale * side for side in case.latent), generator=generator) * 2 - 1
    posterior = pipeline.vae.encode(image).latent_dist
    latents = torch.randn(2, 4, *case.latent, generator=generator)
    return {"vae/image": image, "vae/mean": posterior.mean, "vae/logvar": posterior.logvar,
            "vae/latents": latents, "vae/decoded": pipeline.vae.decode(latents).sample}


def guided(pipeline, scheduler, x, t, text):
    """Both raw predictions of one step, in one batch as the pipeline does."""
    both = scheduler.scale_model_input(torch.cat([x, x]), t)
    return denoise(pipeline.unet, both, t, text).chunk(2)


def epsilon_distance(scheduler, unconditional, conditional, t):
    """|| eps_u - eps_c ||^2 of each sample; at one x_t, eps_u - eps_c = sqrt(abar) (v_u - v_c)."""
    difference = (unconditional - conditional).double()
    if scheduler.config.prediction_type == "v_prediction":
        difference = difference * scheduler.alphas_cumprod[t].double().sqrt()
    return difference.square().sum((1, 2, 3))


def mutual_information(scheduler, timesteps, distances):
    """Mean over the steps with t > 50 of beta T / (2 (1 - abar)) times the distance."""
    t = timesteps[timesteps > 50]
    count = scheduler.config.num_train_timesteps
    beta, abar = scheduler.betas[t].double(), scheduler.alphas_cumprod[t].double()
    weights = beta * count / (2 * (1 - abar))
    return (weights[:, None] * distances[timesteps > 50]).mean(0)


def trajectory_records(pipeline, case, generator, negative=NEGATIVE, prefix="trajectory"):
    scheduler = pipeline.scheduler
    scheduler.set_timesteps(STEPS)
    noise = torch.randn(len(PROMPTS), 4, *case.latent, generator=generator)
    text = embed_guided(pipeline, PROMPTS, negative)
    x, distances, states = noise, [], []
    for t in scheduler.timesteps:
        u, c = guided(pipeline, scheduler, x, t, text)
        distances.append(epsilon_distance(scheduler, u, c, t))
        x = scheduler.step(u + GUIDANCE * (c - u), t, x).prev_sample
        states.append(x)
    check_against_pipeline(pipeline, case, noise, negative, x)
    distances = torch.stack(distances)
    mi = mutual_information(scheduler, scheduler.timesteps, distances)
    return {f"{prefix}/noise": noise, f"{prefix}/timesteps": scheduler.timesteps,
            f"{prefix}/states": torch.stack(states), f"{prefix}/distances": distances,
            f"{prefix}/mi": mi}


def check_against_pipeline(pipeline, case, noise, negative, expected):
    """The loop above is the pipeline's own."""
    scale = pipeline.vae_scale_factor
    negatives = None if negative is None else [negative] * len(PROMPTS)
    latents = pipeline(
        PROMPTS, negative_prompt=negatives, latents=noise,
        height=case.latent[0] * scale, width=case.latent[1] * scale, guidance_scale=GUIDANCE,
        num_inference_steps=STEPS, output_type="latent").images
    torch.testing.assert_close(latents, expected, rtol=1e-5, atol=1e-5)


def sampler_records(pipeline, case, generator):
    """Final latents of the case's other schedulers from the trajectory's kind of start."""
    records = {}
    text = embed_guided(pipeline, PROMPTS, NEGATIVE)
    for name in case.samplers:
        scheduler = OTHER_SCHEDULERS[name].from_config(pipeline.scheduler.config)
        scheduler.set_timesteps(STEPS)
        start = torch.randn(len(PROMPTS), 4, *case.latent, generator=generator)
        noises = torch.randn(len(scheduler.timesteps), *start.shape, generator=generator)
        x = start * scheduler.init_noise_sigma
        for t, noise in zip(scheduler.timesteps, noises):
            u, c = guided(pipeline, scheduler, x, t, text)
            scheduling_ddpm.randn_tensor = lambda *_, **__: noise
            x = scheduler.step(u + GUIDANCE * (c - u), t, x).prev_sample
        records |= {f"{name}/start": start, f"{name}/timesteps": scheduler.timesteps,
                    f"{name}/final": x}
        if name == "ddpm":
            records["ddpm/noises"] = noises
    return records


@torch.no_grad()
def record(pipeline, case):
    generator = torch.Generator().manual_seed(case.seed + 1)
    records = {**text_records(pipeline), **unet_records(pipeline, case, generator),
               **vae_records(pipeline, case, generator),
               **trajectory_records(pipeline, case, generator),
               **sampler_records(pipeline, case, generator)}
    if case.family == "sdxl":
        records |= trajectory_records(pipeline, case, generator, None, "no_negative")
    return records
