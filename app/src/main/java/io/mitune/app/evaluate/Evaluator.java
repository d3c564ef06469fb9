package io.mitune.app.evaluate;

import io.mitune.app.cli.ProgressBar;
import io.mitune.app.generate.ImageSeeds;
import io.mitune.app.grading.Grade;
import io.mitune.app.grading.Scene;
import io.mitune.app.grading.SceneDetector;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.sampling.ImageGenerator;
import io.mitune.diffusion.sampling.Sample;
import io.mitune.diffusion.sampling.SamplingListener;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.producers.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Draws the pictures of an evaluation, grades those that ask for a drawn scene, and scores all.
 *
 * <p>Prompts, seeds and settings are fixed here, so two arms differ in the model alone and can be
 * compared picture by picture. Not thread-safe.
 *
 * @param prompts to draw
 * @param perPrompt pictures per prompt
 * @param seed pictures' seeds follow from it; see {@link ImageSeeds}
 * @param sampler how to draw; scores are taken if it has them
 * @param height pixels, 0 for the model's own
 * @param width pixels, 0 for the model's own
 */
public record Evaluator(
        List<Prompt> prompts,
        int perPrompt,
        long seed,
        SamplingSettings sampler,
        int height,
        int width) {

    /** Sees every picture as it is made. */
    @FunctionalInterface
    public interface Viewer {
        /** Sees nothing. */
        Viewer NONE = (prompt, place, image, mi, right) -> {};

        /**
         * @param prompt index of the prompt
         * @param place index of the picture among the prompt's
         * @param mi its score, NaN when none was taken
         * @param right whether everything is right; false when it cannot be graded
         */
        void see(int prompt, int place, RgbImage image, double mi, boolean right);
    }

    /** Copies the prompts. */
    public Evaluator {
        prompts = List.copyOf(prompts);
    }

    /** How many pictures one arm has. */
    public int images() {
        return prompts.size() * perPrompt;
    }

    /** Draws and grades one arm with what the generator has loaded now. */
    public Arm run(String name, ImageGenerator generator, ProgressBar bar, Viewer viewer) {
        var right = new ArrayList<List<Boolean>>();
        var mi = new ArrayList<List<Double>>();
        for (var p = 0; p < prompts.size(); p++) {
            right.add(new ArrayList<>());
            mi.add(new ArrayList<>());
        }
        for (var from = 0; from < images(); from += sampler.microBatch()) {
            var to = Math.min(images(), from + sampler.microBatch());
            var samples = generator.generate(request(from, to), moving(bar, to - from));
            var pictures = generator.decode(samples);
            for (var i = from; i < to; i++) {
                var p = i / perPrompt;
                var sample = samples.samples().get(i - from);
                var image = pictures.get(i - from);
                var score = finite(sample);
                var grade = grade(prompts.get(p), image, sample);
                grade.ifPresent(right.get(p)::add);
                mi.get(p).add(score);
                viewer.see(p, i % perPrompt, image, score, grade.orElse(false));
            }
            bar.advance(to - from);
        }
        var results = new ArrayList<Arm.PromptResult>();
        for (var p = 0; p < prompts.size(); p++) {
            var prompt = prompts.get(p);
            results.add(
                    new Arm.PromptResult(
                            prompt.text(), prompt.category(), right.get(p), mi.get(p)));
        }
        return new Arm(name, results);
    }

    private SamplingRequest request(int from, int to) {
        var entries = new ArrayList<SamplingRequest.Entry>();
        for (var i = from; i < to; i++) {
            var text = prompts.get(i / perPrompt).text();
            entries.add(new SamplingRequest.Entry(text, Optional.empty(), ImageSeeds.of(seed, i)));
        }
        return new SamplingRequest(entries, sampler, height, width);
    }

    private static SamplingListener moving(ProgressBar bar, int count) {
        return new SamplingListener() {
            @Override
            public void progress(long done, long total) {
                bar.underWay(count * (double) done / total);
            }
        };
    }

    private static double finite(Sample sample) {
        var mi = sample.finite() ? sample.mi() : OptionalDouble.empty();
        return mi.orElse(Double.NaN);
    }

    /** A broken picture of a scene is a wrong one. */
    private static Optional<Boolean> grade(Prompt prompt, RgbImage image, Sample sample) {
        if (image.width() != SceneDetector.SIDE || image.height() != SceneDetector.SIDE) {
            return Optional.empty();
        }
        return Scene.parse(prompt.text())
                .map(scene -> sample.finite() && Grade.of(scene, image.pixels()).right());
    }
}
