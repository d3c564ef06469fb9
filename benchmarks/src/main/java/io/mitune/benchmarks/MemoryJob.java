package io.mitune.benchmarks;

import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.sampling.LatentDecoder;
import io.mitune.diffusion.sampling.SampleSpec;
import io.mitune.diffusion.sampling.Sampler;
import io.mitune.diffusion.sampling.SamplingListener;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * Memory by phase: loading, encoding a text, one micro-batch through the denoiser, decoding. The
 * kernel's peak counter starts anew before each, so a phase shows what it needs beside what stays.
 *
 * <p>The autoencoder is in fp32, as the product has it.
 */
final class MemoryJob {
    private final Settings settings;
    private final Map<String, Double> peaks = new TreeMap<>();

    MemoryJob(Settings settings) {
        this.settings = settings;
    }

    /** With 0 steps nothing is drawn. */
    Measurement run() {
        double seconds = Measurement.seconds(this::phases);
        return new Measurement(seconds, settings.batch(), peaks);
    }

    private void phases() {
        PeakMemory.restart();
        try (var model = StableDiffusion.load(settings.model(), settings.fp32Decoder());
                var scratch = model.manager().newSubManager()) {
            end("load");
            var texts = List.of(Optional.of(settings.prompt()), Optional.<String>empty());
            var encoded = model.text().encode(scratch, texts);
            model.text().release();
            end("text");
            if (settings.steps() > 0) {
                var specs =
                        LongStream.range(0, settings.batch())
                                .mapToObj(
                                        seed ->
                                                new SampleSpec(
                                                        seed,
                                                        encoded.get(0),
                                                        encoded.get(1),
                                                        Optional.empty()))
                                .toList();
                draw(model, specs);
            }
        }
    }

    private void draw(StableDiffusion model, List<SampleSpec> specs) {
        var request = settings.images().settings();
        var samples =
                new Sampler(model.manager(), model.denoiser()::forward, model.schedulerConfig())
                        .sample(request, model.latentShape(0, 0), specs, SamplingListener.NONE);
        end("denoise");
        var latents = samples.samples().stream().map(s -> s.latents()).toList();
        new LatentDecoder(model.manager(), model.vae()).decode(latents, samples.latentShape());
        model.releaseVae();
        end("decode");
    }

    private void end(String phase) {
        PeakMemory.sinceRestart().ifPresent(peak -> peaks.put(phase + "_peak_mib", peak));
        PeakMemory.restart();
        PeakMemory.sinceRestart().ifPresent(now -> peaks.put(phase + "_left_mib", now));
    }
}
