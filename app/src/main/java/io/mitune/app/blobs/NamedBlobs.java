package io.mitune.app.blobs;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.blobs.StoredBlob;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;

/**
 * The blobs that somebody may still ask for: those that an event names.
 *
 * <p>Two things named do not count. Of a run's trainer states only the newest is ever restored. And
 * when asked for, what was drawn and not kept, once its prompt is closed and its time is over: a
 * candidate can be drawn again from its seed. Offer the curated samples before the candidates. Not
 * thread-safe.
 */
final class NamedBlobs {
    private final Optional<Instant> unkeptBefore;
    private final Set<String> paths = new HashSet<>();
    private final Set<String> kept = new HashSet<>();
    private final Set<String> closed = new HashSet<>();
    private final Map<String, String> trainerStates = new HashMap<>();

    /**
     * @param unkeptBefore candidates that were made before this and not kept do not count; empty
     *     when all count
     */
    NamedBlobs(Optional<Instant> unkeptBefore) {
        this.unkeptBefore = unkeptBefore;
    }

    /**
     * Takes an event, those of one topic partition in their order.
     *
     * @param stream whose event it is: two streams may have runs of one name
     */
    void offer(String stream, SpecificRecord event) {
        if (event instanceof CuratedSample sample) {
            closed.add(prompt(sample.getPromptId(), sample.getRound()));
            Optional.ofNullable(sample.getCandidateId()).ifPresent(kept::add);
        }
        if (event instanceof Candidate candidate && isOver(candidate)) {
            return;
        }
        if (event instanceof AdapterEvent adapter && adapter.getCheckpoint() != null) {
            trainerStates.put(stream + "/" + adapter.getRun(), adapter.getCheckpoint().getPath());
            collect(adapter.getAdapter());
            collect(adapter.getDataset());
        } else {
            collect(event);
        }
    }

    boolean contains(StoredBlob blob) {
        return paths.contains(blob.path()) || trainerStates.containsValue(blob.path());
    }

    boolean isEmpty() {
        return paths.isEmpty() && trainerStates.isEmpty();
    }

    private boolean isOver(Candidate c) {
        return unkeptBefore.filter(c.getCreatedAt()::isBefore).isPresent()
                && closed.contains(prompt(c.getPromptId(), c.getRound()))
                && !kept.contains(c.getCandidateId());
    }

    private static String prompt(String promptId, int round) {
        return promptId + "/" + round;
    }

    /** Every reference in a value, however deep. */
    private void collect(Object value) {
        if (value instanceof BlobRef ref) {
            paths.add(ref.getPath());
        } else if (value instanceof SpecificRecord record) {
            record.getSchema().getFields().forEach(f -> collect(record.get(f.pos())));
        } else if (value instanceof Collection<?> items) {
            items.forEach(this::collect);
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(this::collect);
        }
    }
}
