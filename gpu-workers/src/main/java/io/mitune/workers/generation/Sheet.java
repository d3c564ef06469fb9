package io.mitune.workers.generation;

import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.image.ContactSheet;
import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.sampling.ImageGenerator;
import io.mitune.diffusion.sampling.Samples;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.EvaluationTask;
import io.mitune.schemas.blobs.BlobStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The first images of the first prompts of an evaluation on one page, a row per prompt; reduced
 * where the page would be too large. Not thread-safe.
 */
final class Sheet {
    private static final int ROWS = 24;
    private static final int COLUMNS = 10;

    private final EvaluationTask task;
    private final Optional<Decoder> decoder;
    private final List<ContactSheet.Cell> cells = new ArrayList<>();

    /** What makes pictures of latents: {@link ImageGenerator#decode}. */
    interface Decoder {
        List<RgbImage> decode(List<float[]> latents, Shape shape);
    }

    /**
     * @param decoder without one the sheet stays empty
     */
    Sheet(EvaluationTask task, Optional<Decoder> decoder) {
        this.task = task;
        this.decoder = decoder;
    }

    /**
     * Shows samples; when decoding fails, none of them.
     *
     * @param first place of the first sample, images of a prompt side by side
     */
    void add(int first, Samples samples) {
        decoder.ifPresent(d -> add(first, samples, d));
    }

    private void add(int first, Samples samples, Decoder decoder) {
        int perPrompt = task.getImagesPerPrompt();
        var shown = new ArrayList<float[]>();
        var labels = new ArrayList<String>();
        for (int i = 0; i < samples.samples().size(); i++) {
            int prompt = (first + i) / perPrompt;
            var sample = samples.samples().get(i);
            if (prompt < ROWS && (first + i) % perPrompt < COLUMNS && sample.finite()) {
                shown.add(sample.latents());
                labels.add(task.getPrompts().get(prompt));
            }
        }
        var pictures = decoder.decode(shown, samples.latentShape());
        for (int i = 0; i < shown.size(); i++) {
            cells.add(new ContactSheet.Cell(reduced(pictures.get(i)), labels.get(i)));
        }
    }

    /** At once, since all of them at their own size may be more than memory holds. */
    private RgbImage reduced(RgbImage picture) {
        int count = Math.min(ROWS, task.getPrompts().size()) * columns();
        return picture.reduced(ContactSheet.reduction(picture, count, columns()));
    }

    private int columns() {
        return Math.min(COLUMNS, task.getImagesPerPrompt());
    }

    /** Stores the page; nothing when it is empty. */
    Optional<BlobRef> store(BlobStore blobs) {
        if (cells.isEmpty()) {
            return Optional.empty();
        }
        var page = ContactSheet.draw(cells, columns());
        return Optional.of(blobs.put("sheets", "png", Png.encode(page, Map.of())));
    }
}
