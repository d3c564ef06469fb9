package io.mitune.streams;

import java.time.Duration;
import java.util.ArrayList;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Deletes what is old from a store of times.
 *
 * <p>It is looked for in small parts, so that no look goes over the whole store, which may hold a
 * year. Belongs to one thread.
 */
public final class Forgetting {
    /** How often to look. */
    public static final Duration EVERY = Duration.ofMinutes(1);

    private static final int LOOKED_AT = 10_000;

    private final KeyValueStore<String, Long> store;
    private String looked = "";

    /**
     * @param store of epoch milliseconds; a time to come is kept
     */
    public Forgetting(KeyValueStore<String, Long> store) {
        this.store = store;
    }

    /** Looks at the next part of the store, and starts anew at its end. */
    public void forget(long now, Duration remembered) {
        var old = new ArrayList<String>();
        int n = 0;
        try (var part = store.range(looked, null)) {
            looked = "";
            while (part.hasNext()) {
                var entry = part.next();
                if (++n > LOOKED_AT) {
                    looked = entry.key;
                    break;
                }
                if (now - entry.value >= remembered.toMillis()) {
                    old.add(entry.key);
                }
            }
        }
        old.forEach(store::delete);
    }
}
