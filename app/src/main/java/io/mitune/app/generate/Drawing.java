package io.mitune.app.generate;

import io.mitune.app.cli.ProgressBar;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.sampling.SamplingListener;
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
        var listener =
                new SamplingListener() {
                    @Override
                    public void progress(long done, long total) {
                        bar.underWay(batch.size() * (double) done / total);
                    }
                };
        var generator = studio.generator();
        var samples = generator.generate(settings.request(batch), listener);
        var decoded = images ? generator.decode(samples) : List.<RgbImage>of();
        for (var i = 0; i < batch.size(); i++) {
            var image = batch.get(i);
            if (!album.holds(image)) {
                var sample = samples.samples().get(i);
                var row = ImageRow.settings(settings, image);
                ImageRow.addResult(row, samples, sample);
                var picture = images ? Optional.of(decoded.get(i)) : Optional.<RgbImage>empty();
                album.add(image, row, new Picture(sample.latents(), picture));
                bar.advance(1);
            }
        }
    }
}
