package io.mitune.app.generate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.diffusion.sampling.Sample;
import io.mitune.diffusion.sampling.Samples;

/** The metadata of pictures: one JSON object each, flat, with everything to draw it again. */
final class ImageRow {
    private ImageRow() {}

    /** What is known before the picture is drawn. */
    static ObjectNode settings(GenerateSettings s, int image) {
        var row = JsonNodeFactory.instance.objectNode();
        row.put("index", image);
        row.put("prompt_index", image / s.perPrompt());
        row.put("prompt", s.prompt(image));
        row.put("negative_prompt", s.negativePrompt().orElse(null));
        row.put("category", s.category(image));
        row.put("seed", s.seed());
        row.put("image_seed", s.imageSeed(image));
        row.put("start_latents", s.starts().map(StartLatents::sha256).orElse(null));
        row.put("scheduler", s.sampling().getScheduler());
        row.put("num_inference_steps", s.sampling().getNumInferenceSteps());
        row.put("guidance_scale", s.sampling().getGuidanceScale());
        row.put("latent_channels", s.latent().get(0));
        row.put("latent_height", s.latent().get(1));
        row.put("latent_width", s.latent().get(2));
        row.put("dtype", s.dtype());
        row.put("family", s.family());
        row.put("model_digest", s.modelDigest());
        UsedAdapter.describe(row, s.adapter());
        row.put("mi_estimator", s.score() ? s.estimator() : null);
        row.put("output_type", s.outputType());
        return row;
    }

    /** Adds what drawing gave: the score with its terms inside the window, or the failure. */
    static void addResult(ObjectNode row, Samples samples, Sample sample) {
        if (!sample.finite()) {
            row.put("failure", "the latents are not finite");
            return;
        }
        if (sample.mi().isEmpty()) {
            return;
        }
        var mi = sample.mi().getAsDouble();
        row.put("mi", Double.isFinite(mi) ? mi : null); // no step lies in the window
        var terms = row.putArray("mi_terms");
        var timesteps = row.putArray("mi_timesteps");
        for (var k = 0; k < sample.terms().length; k++) {
            if (samples.weights().inWindow(k)) {
                terms.add(sample.terms()[k]);
                timesteps.add(samples.timesteps()[k]);
            }
        }
    }
}
