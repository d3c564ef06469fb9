package io.mitune.streams.planner;

import java.time.Duration;
import java.util.ArrayList;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Which prompts were taken before.
 *
 * <p>A prompt that waits is never forgotten, one that was handed out is after a while. Old ones are
 * looked for in small parts, so that no look goes over the whole store. Belongs to one thread.
 */
final class Memory {
    private static final int LOOKED_AT = 10_000;

    /** Stands where the time will be at which the last task was handed out. */
    private static final long WAITS = Long.MAX_VALUE;

    private final KeyValueStore<String, Long> store;
    private String looked = "";

    Memory(KeyValueStore<String, Long> store) {
        this.store = store;
    }

    boolean holds(String prompt) {
        return store.get(prompt) != null;
    }

    void waits(String prompt) {
        store.put(prompt, WAITS);
    }

    void handedOut(String prompt, long now) {
        store.put(prompt, now);
    }

    /** Looks at the next part of the store, and starts anew at its end. */
    void forget(long now, Duration remembered) {
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
                if (entry.value != WAITS && now - entry.value >= remembered.toMillis()) {
                    old.add(entry.key);
                }
            }
        }
        old.forEach(store::delete);
    }
}
