"""What diffusers makes of an SD3 case without gradients: texts, one call, sampling, VAE."""
import torch
from diffusers.pipelines.stable_diffusion_3.pipeline_stable_diffusion_3 import calculate_shift

from inference_records import GUIDANCE, NEGATIVE, PROMPTS, STEPS, TEXTS as ALL_TEXTS

TEXTS = [ALL_TEXTS[i] for i in (0, 1, 4, 5)]  # each is long, 256 tokens of T5
SHORT = 13  # tokens of T5 where the length is free: less to store than the usual 256
SCHEDULES = (1, 5, 28)


def embed(pipeline, texts, length=256):
    """Hidden states and pooled vectors."""
    hidden, _, pooled, _ = pipeline.encode_prompt(
        texts, None, None, do_classifier_free_guidance=False, max_sequence_length=length)
    return hidden, pooled


def text_records(pipeline):
    hidden, pooled = embed(pipeline, TEXTS)
    records = {"text/embeddings": hidden, "text/pooled": pooled}
    for name, tokenizer in (("", pipeline.tokenizer), ("_2", pipeline.tokenizer_2)):
        records[f"text/ids{name}"] = tokenizer(
            TEXTS, padding="max_length", truncation=True, return_tensors="pt").input_ids
    if pipeline.text_encoder_3 is not None:
        ids = pipeline.tokenizer_3(
            TEXTS, padding="max_length", max_length=SHORT, truncation=True,
            return_tensors="pt").input_ids
        records |= {"t5/ids": ids, "t5/embeddings": pipeline.text_encoder_3(ids)[0]}
    return records


def denoise(transformer, x, t, text):
    hidden, pooled = text
    return transformer(hidden_states=x, timestep=t, encoder_hidden_states=hidden,
                       pooled_projections=pooled).sample


def denoiser_records(pipeline, case, generator):
    sample = torch.randn(3, 16, *case.latent, generator=generator)
    timesteps = torch.tensor([8.9, 481.25, 1000.0])
    text = embed(pipeline, TEXTS[:3], SHORT)
    output = denoise(pipeline.transformer, sample, timesteps, text)
    return {"unet/sample": sample, "unet/timesteps": timesteps, "unet/hidden": text[0],
            "unet/pooled": text[1], "unet/output": output}


def vae_records(pipeline, case, generator):
    vae = pipeline.vae
    scale = pipeline.vae_scale_factor
    image = torch.rand(2, 3, *(scale * side for side in case.latent), generator=generator) * 2 - 1
    posterior = vae.encode(image).latent_dist
    latents = torch.randn(2, 16, *case.latent, generator=generator)
    shift, factor = vae.config.shift_factor, vae.config.scaling_factor
    return {"vae/image": image, "vae/mean": posterior.mean, "vae/logvar": posterior.logvar,
            "vae/latents": latents, "vae/decoded": vae.decode(latents).sample,
            "vae/model_latents": (posterior.mean - shift) * factor,
            "vae/model_decoded": vae.decode(latents / factor + shift).sample}


def shift_arguments(pipeline, case):
    """mu where the shift depends on the picture's size, as the pipeline computes it."""
    config = pipeline.scheduler.config
    if not config.use_dynamic_shifting:
        return {}
    patch = pipeline.transformer.config.patch_size
    length = (case.latent[0] // patch) * (case.latent[1] // patch)
    return dict(mu=calculate_shift(
        length, config.base_image_seq_len, config.max_image_seq_len, config.base_shift,
        config.max_shift))


def schedule_records(pipeline, case):
    scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
    records = {"schedule/train/timesteps": scheduler.timesteps,
               "schedule/train/sigmas": scheduler.sigmas}
    for steps in SCHEDULES:
        scheduler.set_timesteps(steps, **shift_arguments(pipeline, case))
        records |= {f"schedule/{steps}/timesteps": scheduler.timesteps,
                    f"schedule/{steps}/sigmas": scheduler.sigmas}
    return records


def rfmi_terms(t, guided, conditional, unconditional):
    """(1 - t) / t * sum(v (v - v_u)) of each sample, v guided or conditional."""
    sigma = t.double() / 1000
    terms = {}
    for name, v in (("guided", guided), ("conditional", conditional)):
        product = (v.double() * (v.double() - unconditional.double())).sum((1, 2, 3))
        terms[name] = (1 - sigma) / sigma * product
    return terms


def trajectory_records(pipeline, case, generator):
    scheduler = pipeline.scheduler
    scheduler.set_timesteps(STEPS, **shift_arguments(pipeline, case))
    noise = torch.randn(len(PROMPTS), 16, *case.latent, generator=generator)
    text = embed(pipeline, [NEGATIVE] * len(PROMPTS) + PROMPTS)
    x, states, terms = noise, [], {"guided": [], "conditional": []}
    for t in scheduler.timesteps:
        both = denoise(pipeline.transformer, torch.cat([x, x]), t.expand(2 * len(x)), text)
        u, c = both.chunk(2)
        v = u + GUIDANCE * (c - u)
        for name, term in rfmi_terms(t, v, c, u).items():
            terms[name].append(term)
        x = scheduler.step(v, t, x).prev_sample
        states.append(x)
    check_against_pipeline(pipeline, case, noise, x)
    times = scheduler.timesteps.double() / 1000
    window = (times > 0.05) & (times < 1)
    records = {"trajectory/noise": noise, "trajectory/timesteps": scheduler.timesteps,
               "trajectory/sigmas": scheduler.sigmas, "trajectory/states": torch.stack(states)}
    for name, steps in terms.items():
        records[f"trajectory/rfmi/{name}/terms"] = torch.stack(steps)
        records[f"trajectory/rfmi/{name}/mi"] = torch.stack(steps)[window].mean(0)
    return records


def check_against_pipeline(pipeline, case, noise, expected):
    """The loop above is the pipeline's own."""
    scale = pipeline.vae_scale_factor
    latents = pipeline(
        PROMPTS, latents=noise, height=case.latent[0] * scale, width=case.latent[1] * scale,
        guidance_scale=GUIDANCE, num_inference_steps=STEPS, output_type="latent").images
    torch.testing.assert_close(latents, expected, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def record(pipeline, case):
    generator = torch.Generator().manual_seed(case.seed + 1)
    return {**text_records(pipeline), **denoiser_records(pipeline, case, generator),
            **vae_records(pipeline, case, generator), **schedule_records(pipeline, case),
            **trajectory_records(pipeline, case, generator)}
