package io.mitune.app.generate;

import io.mitune.app.cli.ProgressBar;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.sampling.Samples;
import io.mitune.diffusion.sampling.SamplingListener;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerKind;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Draws what the album lacks, a micro-batch at a time, and files it.
 *
 * <p>Micro-batches are cut at fixed indices, so that a run that was stopped and taken up again
 * computes the same batches as one that was not.
 */
record Drawing(Studio studio, GenerateSettings settings, Album album, boolean images) {

    void run(ProgressBar bar) throws IOException {
        for (var from = 0; from < settings.images(); from += settings.microBatch()) {
            var to = Math.min(settings.images(), from + settings.microBatch());
            var batch = IntStream.range(from, to).boxed().toList();
            if (!batch.stream().allMatch(album::holds)) {
                draw(batch, bar);
            }
        }
    }

    private void draw(List<Integer> batch, ProgressBar bar) throws IOException {
        var wishes = batch.stream().map(settings::wish).toList();
        var listener =
                new SamplingListener() {
                    @Override
                    public void progress(long done, long total) {
                        bar.underWay(wishes.size() * (double) done / total);
                    }
                };
        var samples = studio.draw(wishes, sampling(), settings.latent(), listener);
        for (var i = 0; i < batch.size(); i++) {
            if (!album.holds(batch.get(i))) {
                file(batch.get(i), samples, i);
                bar.advance(1);
            }
        }
    }

    private void file(int image, Samples samples, int place) throws IOException {
        var sample = samples.samples().get(place);
        var row = ImageRow.settings(settings, image);
        ImageRow.addResult(row, samples, sample);
        var decoded =
                images && sample.finite()
                        ? Optional.of(studio.decode(sample, samples.latentShape()))
                        : Optional.<RgbImage>empty();
        album.add(image, row, new Picture(sample.latents(), decoded));
    }

    private SamplingSettings sampling() {
        var wanted = settings.sampling();
        return new SamplingSettings(
                SchedulerKind.of(wanted.getScheduler()),
                wanted.getNumInferenceSteps(),
                wanted.getGuidanceScale(),
                settings.score() ? Score.OFFICIAL : Score.NONE,
                settings.microBatch());
    }
}
