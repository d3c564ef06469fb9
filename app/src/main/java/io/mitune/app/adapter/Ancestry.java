package io.mitune.app.adapter;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.blobs.BlobStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/**
 * An adapter version and those that it continues, down to the base model, each with the candidates
 * that it was trained on. Ids only, so that it stays small. Immutable.
 *
 * @param run line of adapters
 * @param line the oldest first; the last one is the version asked for
 */
public record Ancestry(String run, List<Ancestor> line) {

    /**
     * One version of the line.
     *
     * @param version its last event that names a data set
     * @param candidateIds what it was trained on beyond its parent, in the order of training
     */
    public record Ancestor(AdapterEvent version, List<String> candidateIds) {
        /** Copies the list. */
        public Ancestor {
            candidateIds = List.copyOf(candidateIds);
        }
    }

    /** Copies the line. */
    public Ancestry {
        line = List.copyOf(line);
    }

    /**
     * Follows the parents.
     *
     * @param history all states of a version
     * @param blobs where the lists of samples are
     * @throws UserError when a version has no list or its parent is not older
     */
    public static Ancestry of(
            String run,
            int version,
            Function<Integer, List<AdapterEvent>> history,
            BlobStore blobs) {
        Deque<Ancestor> line = new ArrayDeque<>();
        int next = version;
        while (next > 0) {
            var event = withDataset(run, next, history.apply(next));
            if (event.getParentVersion() >= next) {
                throw new UserError(
                        "run %s: version %d: parentVersion: expected an older one, found %d"
                                .formatted(run, next, event.getParentVersion()));
            }
            var lines = new String(blobs.get(event.getDataset()), StandardCharsets.UTF_8).lines();
            line.addFirst(new Ancestor(event, lines.toList()));
            next = event.getParentVersion();
        }
        return new Ancestry(run, List.copyOf(line));
    }

    private static AdapterEvent withDataset(String run, int version, List<AdapterEvent> states) {
        return states.stream()
                .filter(event -> event.getDataset() != null)
                .reduce((earlier, later) -> later)
                .orElseThrow(
                        () ->
                                new UserError(
                                        ("run %s: version %d: expected the list of its samples,"
                                                        + " found none; it was trained before"
                                                        + " trainers wrote one")
                                                .formatted(run, version)));
    }
}
