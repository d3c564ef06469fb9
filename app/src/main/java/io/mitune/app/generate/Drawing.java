package io.mitune.app.generate;

import io.mitune.app.cli.ProgressBar;
import io.mitune.diffusion.devices.PerDevice;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.sampling.SamplingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

/**
 * Draws what the album lacks, a micro-batch at a time on each device, and files it.
 *
 * <p>Micro-batches are cut at fixed indices and each goes to the device that is free next, so that
 * a run that was stopped and taken up again, or one with more devices, computes the same batches.
 * When one device fails, the others stop at their next step. Thread-safe.
 */
final class Drawing {
    private final GenerateSettings settings;
    private final Album album;
    private final boolean images;
    private final ProgressBar bar;
    private final Queue<List<Integer>> waiting = new ConcurrentLinkedQueue<>();
    private final Map<Studio, Double> underWay = new HashMap<>();
    private volatile boolean failed;

    Drawing(GenerateSettings settings, Album album, boolean images, ProgressBar bar) {
        this.settings = settings;
        this.album = album;
        this.images = images;
        this.bar = bar;
        for (var from = 0; from < settings.images(); from += settings.microBatch()) {
            var to = Math.min(settings.images(), from + settings.microBatch());
            var batch = IntStream.range(from, to).boxed().toList();
            if (!batch.stream().allMatch(album::holds)) {
                waiting.add(batch);
            }
        }
    }

    void run(PerDevice<Studio> studios) throws IOException {
        try {
            studios.all(this::work);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void work(Studio studio) {
        try {
            for (var batch = waiting.poll(); batch != null; batch = waiting.poll()) {
                draw(studio, batch);
            }
        } catch (CancellationException e) {
            return; // another device failed, and says why
        } catch (IOException e) {
            failed = true;
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            failed = true;
            throw e;
        }
    }

    private void draw(Studio studio, List<Integer> batch) throws IOException {
        var generator = studio.generator();
        var samples = generator.generate(settings.request(batch), listener(studio, batch.size()));
        var decoded = images ? generator.decode(samples) : List.<RgbImage>of();
        move(studio, 0);
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

    private SamplingListener listener(Studio studio, int count) {
        return new SamplingListener() {
            @Override
            public void progress(long done, long total) {
                move(studio, count * (double) done / total);
            }

            @Override
            public boolean cancelled() {
                return failed;
            }
        };
    }

    private synchronized void move(Studio studio, double count) {
        underWay.put(studio, count);
        bar.underWay(underWay.values().stream().mapToDouble(v -> v).sum());
    }
}
