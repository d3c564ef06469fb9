package io.mitune.streams.planner;

import io.mitune.streams.Forgetting;
import java.time.Duration;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Which prompts were taken before.
 *
 * <p>A prompt that waits is never forgotten, one that was handed out is after a while. Belongs to
 * one thread.
 */
final class Memory {
    /** Stands where the time will be at which the last task was handed out. */
    private static final long WAITS = Long.MAX_VALUE;

    private final KeyValueStore<String, Long> store;
    private final Forgetting forgetting;

    Memory(KeyValueStore<String, Long> store) {
        this.store = store;
        forgetting = new Forgetting(store);
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

    void forget(long now, Duration remembered) {
        forgetting.forget(now, remembered);
    }
}
