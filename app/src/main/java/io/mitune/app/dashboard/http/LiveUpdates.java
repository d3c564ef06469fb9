package io.mitune.app.dashboard.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.dashboard.state.DashboardState;
import io.mitune.app.web.EventHub;
import io.mitune.app.web.EventHub.Event;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells all open pages what changed, a few times a second however much did.
 *
 * <p>An event holds the parts of the snapshot that are not as they were; each replaces what the
 * page has, so that one which comes twice does no harm. The last events are kept: a page whose
 * connection broke names the last one that it saw and gets those after it, or a new snapshot when
 * that is too long ago or another server's. Thread-safe; close it.
 */
final class LiveUpdates implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LiveUpdates.class);
    private static final int EVERY_MILLIS = 400;
    private static final int KEPT = 100;
    private static final long MAX_KEPT_CHARS = 8 << 20;
    private static final int QUEUE = 64;

    private record Kept(long number, Event event, int chars) {}

    private final String server = UUID.randomUUID().toString().substring(0, 8);
    private final DashboardState state;
    private final EventHub hub = new EventHub(this::greeting, QUEUE);
    private final Deque<Kept> kept = new ArrayDeque<>();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(LiveUpdates::thread);
    private long number;
    private long chars;

    LiveUpdates(DashboardState state) {
        this.state = state;
        timer.scheduleWithFixedDelay(this::tick, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    EventHub hub() {
        return hub;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private void tick() {
        try {
            var changes = state.changes(System.currentTimeMillis());
            if (!changes.isEmpty()) {
                var data = JsonNodeFactory.instance.objectNode();
                changes.forEach(data::set);
                hub.publish(keep(data));
            }
        } catch (RuntimeException e) {
            log.error("dashboard: no update: {}", e.toString(), e);
        }
    }

    private synchronized Event keep(ObjectNode data) {
        number++;
        var event = new Event(id(number), "update", data);
        var size = data.toString().length();
        kept.addLast(new Kept(number, event, size));
        chars += size;
        while (kept.size() > KEPT || chars > MAX_KEPT_CHARS) {
            chars -= kept.removeFirst().chars();
        }
        return event;
    }

    private synchronized List<Event> greeting(Optional<String> lastId) {
        var seen = lastId.filter(id -> id.matches(server + "-\\d{1,18}"));
        if (seen.isPresent()) {
            var last = Long.parseLong(seen.get().substring(server.length() + 1));
            var oldest = kept.isEmpty() ? number + 1 : kept.peekFirst().number();
            if (last <= number && last >= oldest - 1) {
                return kept.stream().filter(k -> k.number() > last).map(Kept::event).toList();
            }
        }
        var snapshot = state.snapshot(System.currentTimeMillis());
        return List.of(new Event(id(number), "snapshot", snapshot));
    }

    private String id(long n) {
        return server + "-" + n;
    }

    private static Thread thread(Runnable work) {
        var thread = new Thread(work, "dashboard-updates");
        thread.setDaemon(true);
        return thread;
    }
}
