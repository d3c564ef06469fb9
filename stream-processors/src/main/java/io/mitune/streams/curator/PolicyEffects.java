package io.mitune.streams.curator;

import io.mitune.schemas.PolicyEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * From which prompt of this partition on each change of policy counts.
 *
 * <p>A change names the offset it wants. Should prompts from there on be judged already when the
 * curator learns of it, it counts from the next one, and that word goes to the log: whoever reads
 * it there, now or after all state was lost, comes to the same policies. Belongs to one stream
 * task.
 */
final class PolicyEffects {
    private static final String JUDGED = "judged";

    private final KeyValueStore<String, Long> store;
    private final int partition;
    private final Consumer<PolicyEvent> announce;

    /**
     * @param store kept with the task: offset of each change and of the last prompt judged
     * @param announce takes the word that a change counts from a later offset than it asked for
     */
    PolicyEffects(
            KeyValueStore<String, Long> store, int partition, Consumer<PolicyEvent> announce) {
        this.store = store;
        this.partition = partition;
        this.announce = announce;
    }

    /**
     * The changes that count for a prompt.
     *
     * @param offset of the prompt in this partition; empty while only its candidates are known: it
     *     is still to come, so all changes count
     */
    List<PolicyEvent> counted(PolicyHistory history, OptionalLong offset) {
        var counted = new ArrayList<PolicyEvent>();
        for (var change : history.changes()) {
            if (from(change, history) <= offset.orElse(Long.MAX_VALUE)) {
                counted.add(change);
            }
        }
        return counted;
    }

    /** Remembers that this prompt is judged. */
    void judged(long offset) {
        if (offset > lastJudged()) {
            store.put(JUDGED, offset);
        }
    }

    private long from(PolicyEvent change, PolicyHistory history) {
        var key = PolicyEvents.key(change);
        var known = store.get(key);
        if (known != null) {
            return known;
        }
        long asked = PolicyHistory.asked(change, partition);
        long from = history.correction(change, partition).orElse(Math.max(asked, lastJudged() + 1));
        store.put(key, from);
        if (from != asked && history.correction(change, partition).isEmpty()) {
            announce.accept(
                    PolicyEvent.newBuilder(change)
                            .setAction(PolicyEvents.EFFECT)
                            .setPartition(partition)
                            .setOffset(from)
                            .build());
        }
        return from;
    }

    private long lastJudged() {
        var last = store.get(JUDGED);
        return last == null ? -1 : last;
    }
}
