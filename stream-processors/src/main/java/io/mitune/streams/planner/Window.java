package io.mitune.streams.planner;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.TreeMap;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The candidates of one stream task that are handed out and not in the log yet.
 *
 * <p>Each is an entry run/round/promptId/index with the time at which it was handed out, so one
 * that comes twice counts once. What does not come, since its task went to the dead letters, leaves
 * after a while. Holds no more than the limit and a task. Belongs to one thread.
 */
final class Window {
    private static final Logger log = LoggerFactory.getLogger(Window.class);

    private final KeyValueStore<String, Long> store;
    private final int limit;
    private int open;

    Window(KeyValueStore<String, Long> store, int limit) {
        this.store = store;
        this.limit = limit;
        try (var all = store.all()) {
            for (; all.hasNext(); all.next()) {
                open++;
            }
        }
    }

    boolean hasRoom() {
        return open < limit;
    }

    void add(GenerationTask task, long now) {
        for (int i = 0; i < task.getCount(); i++) {
            var key =
                    key(
                            task.getRun(),
                            task.getRound(),
                            task.getPromptId(),
                            task.getFirstIndex() + i);
            open += store.putIfAbsent(key, now) == null ? 1 : 0;
        }
    }

    /** Whether this made room. */
    boolean arrived(Candidate c) {
        boolean was =
                store.delete(key(c.getRun(), c.getRound(), c.getPromptId(), c.getIndex())) != null;
        open -= was ? 1 : 0;
        return was;
    }

    /** Gives up on candidates that were handed out before {@code now - timeout}. */
    void expire(long now, Duration timeout) {
        var late = new ArrayList<String>();
        var prompts = new TreeMap<String, Integer>();
        try (var all = store.all()) {
            while (all.hasNext()) {
                var entry = all.next();
                if (now - entry.value >= timeout.toMillis()) {
                    late.add(entry.key);
                    prompts.merge(entry.key.replaceFirst("/[^/]*$", ""), 1, Integer::sum);
                }
            }
        }
        late.forEach(store::delete);
        open -= late.size();
        prompts.forEach(
                (prompt, n) ->
                        log.warn("{}: {} candidates did not come within {}", prompt, n, timeout));
    }

    private static String key(String run, int round, String promptId, int index) {
        return run + "/" + round + "/" + promptId + "/" + index;
    }
}
