package io.mitune.app.generate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.adapter.PublishedAdapter;
import io.mitune.app.cli.UserError;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.AdapterWeights;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An adapter that pictures are drawn with, and what is known of where it comes from. Immutable.
 *
 * @param name path, or RUN@VERSION
 * @param weights the adapter
 * @param sha256 of its files
 * @param origin where the stream has it from; empty for files
 */
public record UsedAdapter(
        String name, AdapterWeights weights, String sha256, Optional<Origin> origin) {

    /**
     * A version of a run.
     *
     * @param score mean MI over the validation prompts; empty when it was not evaluated
     * @param modelDigest of the model it was trained on; empty when not known
     */
    public record Origin(String run, int version, Optional<Double> score, String modelDigest) {}

    /** Reads a diffusers file, a folder that holds one, or a peft folder. */
    public static UsedAdapter file(Path path) {
        return new UsedAdapter(
                path.toString(), AdapterFile.read(path), AdapterDigest.of(path), Optional.empty());
    }

    /** A version of a run. */
    public static UsedAdapter of(PublishedAdapter found) {
        return new UsedAdapter(
                found.run() + "@" + found.version(),
                AdapterFile.read(found.file()),
                found.sha256(),
                Optional.of(
                        new Origin(
                                found.run(), found.version(), found.score(), found.modelDigest())));
    }

    /** An error when it was trained on another model than this. */
    public void requireModel(String modelDigest) {
        var trainedOn = origin.map(Origin::modelDigest).filter(d -> !d.isEmpty());
        if (trainedOn.isPresent() && !trainedOn.get().equals(modelDigest)) {
            throw new UserError(
                    "adapter %s: expected the model it was trained on, %.12s, found %.12s"
                            .formatted(name, trainedOn.get(), modelDigest));
        }
    }

    /** Adds what tells this adapter from others. */
    static void describe(ObjectNode row, Optional<UsedAdapter> adapter) {
        var origin = adapter.flatMap(UsedAdapter::origin);
        row.put("adapter", adapter.map(UsedAdapter::name).orElse(null));
        row.put("adapter_sha256", adapter.map(UsedAdapter::sha256).orElse(null));
        row.put("adapter_run", origin.map(Origin::run).orElse(null));
        row.put("adapter_version", origin.map(Origin::version).orElse(null));
        row.put("adapter_score", origin.flatMap(Origin::score).orElse(null));
    }
}
