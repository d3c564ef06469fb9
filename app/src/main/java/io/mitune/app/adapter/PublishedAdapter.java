package io.mitune.app.adapter;

import io.mitune.app.cli.UserError;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import io.mitune.schemas.blobs.BlobStore;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An adapter version of the stream, its file found and checked. Immutable.
 *
 * @param run line of adapters
 * @param version within the run
 * @param file in the diffusers form; its bytes have the digest of the event
 * @param sha256 of the file
 * @param score mean MI over the validation prompts; empty when it was not evaluated
 * @param modelDigest of the model it was trained on; empty when not known
 */
public record PublishedAdapter(
        String run,
        int version,
        Path file,
        String sha256,
        Optional<Double> score,
        String modelDigest) {

    /** Asks the log, reads the blob and checks its digest. */
    public static PublishedAdapter find(
            AdapterReference reference, Connection connection, BlobStore blobs) {
        var log = AdapterLog.read(connection);
        var run = reference.run();
        log.requireRun(run);
        var evaluations = TopicLog.values(connection, connection.topics().evaluations());
        var best = new BestVersion(run, evaluations);
        var event =
                switch (reference.which()) {
                    case AdapterReference.CURRENT -> current(log, run);
                    case AdapterReference.BEST -> best.of(log.latest());
                    default -> version(log, run, Integer.parseInt(reference.which()));
                };
        var blob = event.getAdapter();
        return new PublishedAdapter(
                run,
                event.getVersion(),
                blobs.resolve(blob),
                blob.getSha256(),
                best.score(event.getVersion()),
                event.getModelDigest());
    }

    private static AdapterEvent current(AdapterLog log, String run) {
        return log.current(run)
                .filter(event -> event.getAdapter() != null)
                .orElseThrow(
                        () ->
                                new UserError(
                                        ("run %s: expected an adapter in use, found the base"
                                                        + " model; leave the adapter out")
                                                .formatted(run)));
    }

    private static AdapterEvent version(AdapterLog log, String run, int version) {
        if (version == 0) {
            throw new UserError(
                    "run %s: version 0 is the base model; leave the adapter out".formatted(run));
        }
        return log.history(run, version).stream()
                .filter(event -> event.getAdapter() != null)
                .reduce((earlier, later) -> later)
                .orElseThrow(
                        () ->
                                new UserError(
                                        "run %s: version %d: expected an adapter file, found none"
                                                .formatted(run, version)));
    }
}
