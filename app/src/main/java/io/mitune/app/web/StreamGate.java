package io.mitune.app.web;

import io.javalin.http.Context;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Lets clients stay connected, so many at a time, and sends them away when the server stops.
 *
 * <p>Each holds a thread of the server: with a few dozen clients that is cheaper to reason about
 * than callbacks, and a client that does not read holds up nobody but itself. Thread-safe.
 */
final class StreamGate {
    private static final int RETRY_SECONDS = 10;

    private final int places;
    private final Semaphore free;
    private final Set<LiveStream> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    StreamGate(int places) {
        this.places = places;
        free = new Semaphore(places);
    }

    void admit(Context ctx, StreamHandler handler) throws Exception {
        if (closed || !free.tryAcquire()) {
            ctx.header("Retry-After", Integer.toString(RETRY_SECONDS));
            throw new WebException(
                    503,
                    Problem.of("event clients", "at most " + places + " at a time", "one more")
                            .withHint("close another page or try again later"));
        }
        try (var feed = handler.open(ctx)) {
            run(ctx, feed);
        } finally {
            free.release();
        }
    }

    private void run(Context ctx, StreamHandler.Feed feed) throws IOException {
        var client = new LiveStream(ctx);
        open.add(client);
        try {
            if (!closed) {
                client.begin();
                feed.run(client);
            }
        } catch (InterruptedException | IOException e) {
            client.gone();
        } catch (RuntimeException e) {
            if (client.isOpen()) {
                client.fail(e);
            }
        } finally {
            open.remove(client);
            client.stop();
            Thread.interrupted(); // stop() may have come from another thread
        }
    }

    /** How many are connected, for metrics. */
    int connected() {
        return open.size();
    }

    /** Sends everybody away and lets nobody in. */
    void close() {
        closed = true;
        open.forEach(LiveStream::stop);
    }

    /** Where a client that comes back left off, which browsers say by themselves. */
    static Optional<String> lastEventId(Context ctx) {
        return Optional.ofNullable(ctx.header("Last-Event-ID"))
                .or(() -> Optional.ofNullable(ctx.queryParam("lastEventId")))
                .filter(id -> !id.isEmpty());
    }
}
