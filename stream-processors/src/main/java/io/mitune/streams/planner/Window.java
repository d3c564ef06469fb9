package io.mitune.streams.planner;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The candidates of one stream task that are handed out and not in the log yet.
 *
 * <p>Each is an entry run/round/promptId/index with the time at which it was handed out, so one
 * that comes twice counts once. What does not come, since its task went to the dead letters, leaves
 * after a while, if something handed out later came: the queue is in order, so workers had it. So
 * no more is handed out while no worker lives. Should all of a full window have gone to the dead
 * letters, which looks the same, one task more finds out, and others after waits that double. Holds
 * no more than the limit and a task. Belongs to one thread.
 */
final class Window {
    private static final Logger log = LoggerFactory.getLogger(Window.class);

    private static final int MOST_DOUBLINGS = 20;

    private final KeyValueStore<String, Long> store;
    private final int limit;
    private int open;

    /** When the last task was handed out; no two have the same time. */
    private long newest;

    /** When the newest candidate that came was handed out; after a restart, the next one says. */
    private long passed;

    /** When a task was handed out or a candidate came. */
    private long lastSign;

    /** Tasks handed out since, to find out. */
    private int tries;

    Window(KeyValueStore<String, Long> store, int limit) {
        this.store = store;
        this.limit = limit;
        try (var all = store.all()) {
            for (; all.hasNext(); open++) {
                newest = Math.max(newest, all.next().value);
            }
        }
        lastSign = newest;
    }

    boolean hasRoom() {
        return open < limit;
    }

    void add(GenerationTask task, long now) {
        newest = Math.max(now, newest + 1);
        lastSign = newest;
        for (int i = 0; i < task.getCount(); i++) {
            var key =
                    key(
                            task.getRun(),
                            task.getRound(),
                            task.getPromptId(),
                            task.getFirstIndex() + i);
            open += store.putIfAbsent(key, newest) == null ? 1 : 0;
        }
    }

    /** Whether this made room. */
    boolean arrived(Candidate c, long now) {
        lastSign = now;
        tries = 0;
        var key = key(c.getRun(), c.getRound(), c.getPromptId(), c.getIndex());
        var handedOut = store.delete(key);
        if (handedOut == null) {
            return false;
        }
        open--;
        passed = Math.max(passed, handedOut);
        return true;
    }

    /** Gives up on candidates that were due {@code timeout} after they were handed out. */
    void expire(long now, Duration timeout) {
        var byTask = new TreeMap<Long, List<String>>();
        try (var all = store.all()) {
            all.forEachRemaining(
                    entry ->
                            byTask.computeIfAbsent(entry.value, t -> new ArrayList<>())
                                    .add(entry.key));
        }
        var late = byTask.headMap(Math.min(passed, now - timeout.toMillis() + 1));
        late.values().forEach(this::giveUp);
        late.clear();
        long patience = timeout.toMillis() << Math.min(tries, MOST_DOUBLINGS);
        if (!hasRoom() && now - lastSign >= patience) {
            tries++;
            while (!hasRoom()) {
                giveUp(byTask.pollFirstEntry().getValue());
            }
        }
    }

    private void giveUp(List<String> candidates) {
        candidates.forEach(store::delete);
        open -= candidates.size();
        log.warn("{} and {} more did not come in time", candidates.get(0), candidates.size() - 1);
    }

    private static String key(String run, int round, String promptId, int index) {
        return run + "/" + round + "/" + promptId + "/" + index;
    }
}
