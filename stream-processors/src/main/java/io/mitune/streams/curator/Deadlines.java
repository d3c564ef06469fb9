package io.mitune.streams.curator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * When prompts that were handed out are closed with what is there.
 *
 * <p>Time counts from when workers get to a prompt. They take tasks in the order in which these
 * were handed out, so that is when a candidate comes of it or of one handed out later, or when all
 * that workers got to are done and it is the next one. So while no worker lives, no prompt's time
 * begins. One that workers never get to is given up at last: its task is not in the queue any more.
 *
 * <p>The store says for each prompt since when its time counts; or, until then, far in the future,
 * when it was handed out: an earlier version that reads it while roles are upgraded closes nothing.
 * Belongs to one thread.
 */
final class Deadlines {
    /** Times the deadline, after which a prompt is given up that workers did not get to. */
    static final int LONGEST_WAIT = 7;

    /** Added to the time of handing out. */
    private static final long WAITS = 1L << 60;

    private final KeyValueStore<String, Long> store;

    /** Those that workers did not get to, by when they were handed out. */
    private final TreeMap<Long, String> waiting = new TreeMap<>();

    private long lastHandedOut;

    /** How many workers got to. */
    private int counting;

    Deadlines(KeyValueStore<String, Long> store) {
        this.store = store;
        try (var all = store.all()) {
            while (all.hasNext()) {
                var entry = all.next();
                if (entry.value >= WAITS) {
                    waiting.put(entry.value - WAITS, entry.key);
                } else {
                    counting++;
                }
            }
        }
        lastHandedOut = waiting.isEmpty() ? 0 : waiting.lastKey();
    }

    void handedOut(BoardKey key, long now) {
        if (store.get(key.toString()) == null) {
            lastHandedOut = Math.max(now, lastHandedOut + 1); // the order is in the times
            waiting.put(lastHandedOut, key.toString());
            store.put(key.toString(), WAITS + lastHandedOut);
        }
    }

    /** A candidate came. */
    void came(BoardKey key, long now) {
        var state = store.get(key.toString());
        if (state == null) {
            count(key.toString(), now);
        } else if (state >= WAITS) {
            var reached = waiting.headMap(state - WAITS, true);
            reached.values().forEach(prompt -> count(prompt, now));
            reached.clear();
        }
    }

    /**
     * @param complete whether workers did all of it
     */
    void closed(BoardKey key, boolean complete, long now) {
        var state = store.delete(key.toString());
        if (state != null && state >= WAITS) {
            waiting.remove(state - WAITS);
        } else if (state != null) {
            counting--;
        }
        if (complete && counting == 0 && !waiting.isEmpty()) {
            count(waiting.pollFirstEntry().getValue(), now);
        }
    }

    private void count(String prompt, long now) {
        store.put(prompt, now);
        counting++;
    }

    /** Some of those whose time is over, at most so many. */
    List<BoardKey> due(long now, Duration deadline, int most) {
        var due = new ArrayList<BoardKey>();
        long millis = deadline.toMillis();
        try (var all = store.all()) {
            while (all.hasNext() && due.size() < most) {
                var entry = all.next();
                boolean waits = entry.value >= WAITS;
                long age = now - (waits ? entry.value - WAITS : entry.value);
                if (age >= (waits ? LONGEST_WAIT * millis : millis)) {
                    due.add(BoardKey.parse(entry.key));
                }
            }
        }
        return due;
    }
}
