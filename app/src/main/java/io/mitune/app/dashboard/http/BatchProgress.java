package io.mitune.app.dashboard.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.javalin.http.Context;
import io.mitune.app.dashboard.state.DashboardState;
import io.mitune.app.web.Json;
import io.mitune.app.web.Problem;
import io.mitune.app.web.WebException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * {@code GET /api/batches/NAME}: how far a batch is, for whoever published it.
 *
 * <p>From what the live page counts anyway, so that asking again and again costs nothing. Who asks
 * right after publishing is a moment ahead of the log's reader: an unknown batch is waited for, by
 * a few requests at a time. Thread-safe.
 */
final class BatchProgress {
    private static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();
    private static final int WAITING = 4;

    private final DashboardState state;
    private final BooleanSupplier caughtUp;
    private final Duration patience;
    private final Semaphore places = new Semaphore(WAITING);

    /**
     * @param patience how long an unknown batch is waited for
     */
    BatchProgress(DashboardState state, BooleanSupplier caughtUp, Duration patience) {
        this.state = state;
        this.caughtUp = caughtUp;
        this.patience = patience;
    }

    void show(Context ctx) {
        var name = ctx.pathParam("name");
        if (!caughtUp.getAsBoolean()) {
            ctx.header("Retry-After", "1");
            throw new WebException(
                    503, Problem.of("log", "it read to its end", "a part").withHint("try again"));
        }
        var rounds = find(name).or(() -> await(name)).orElseThrow(() -> unknown(name));
        var json = JsonNodeFactory.instance.objectNode().put("batch", name);
        json.set("rounds", rounds);
        Json.send(ctx, json);
    }

    private Optional<ArrayNode> await(String name) {
        var found = Optional.<ArrayNode>empty();
        if (places.tryAcquire()) {
            try {
                var end = System.nanoTime() + patience.toNanos();
                while (found.isEmpty() && System.nanoTime() < end) {
                    LockSupport.parkNanos(LOOK_NANOS);
                    found = find(name);
                }
            } finally {
                places.release();
            }
        }
        return found;
    }

    private Optional<ArrayNode> find(String name) {
        return state.batch(name, System.currentTimeMillis());
    }

    private static WebException unknown(String name) {
        var where = "batch " + Problem.shown(name);
        return new WebException(
                404,
                Problem.of(where, "one of those that changed last", "none of this name")
                        .withHint("mitune tap prompts shows all"));
    }
}
