package io.mitune.app.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Sends the same events to many connected clients, each with a short queue of its own.
 *
 * <p>A client that reads too slowly finds its queue full and is sent away: its browser comes back
 * by itself and starts from the present state, so neither memory nor other clients suffer.
 * Thread-safe.
 */
public final class EventHub implements StreamHandler {
    /**
     * One event.
     *
     * @param id what a client that comes back says; may be empty
     * @param kind letters and hyphens
     */
    public record Event(String id, String kind, JsonNode data) {}

    private static final long WAIT_MILLIS = 1_000;

    private final Function<Optional<String>, List<Event>> greeting;
    private final int queueSize;
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();

    /**
     * @param greeting what a new client gets first, given the last id that it saw; it is asked
     *     after the client is subscribed, so events may come twice but none is missed
     * @param queueSize events that a client may be behind
     */
    public EventHub(Function<Optional<String>, List<Event>> greeting, int queueSize) {
        this.greeting = greeting;
        this.queueSize = queueSize;
    }

    /** Sends this to all; never waits. */
    public void publish(Event event) {
        clients.forEach(client -> client.offer(event));
    }

    /** Whether anybody listens. */
    public boolean hasClients() {
        return !clients.isEmpty();
    }

    @Override
    public Feed open(Context request) {
        return to -> {
            var client = new Client(to);
            clients.add(client);
            try {
                client.run();
            } finally {
                clients.remove(client);
            }
        };
    }

    private final class Client {
        private final ArrayBlockingQueue<Event> queue = new ArrayBlockingQueue<>(queueSize);
        private final LiveStream to;

        private Client(LiveStream to) {
            this.to = to;
        }

        private void offer(Event event) {
            if (!queue.offer(event)) {
                clients.remove(this);
                to.stop();
            }
        }

        private void run() throws IOException, InterruptedException {
            for (var event : greeting.apply(to.lastEventId())) {
                to.send(event.id(), event.kind(), event.data());
            }
            while (to.isOpen()) {
                var event = queue.poll();
                if (event == null) {
                    to.flush();
                    event = queue.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
                }
                if (event != null) {
                    to.send(event.id(), event.kind(), event.data());
                }
            }
        }
    }
}
