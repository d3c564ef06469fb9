package io.mitune.app.status;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.UserError;
import io.mitune.app.dashboard.read.LogReader;
import io.mitune.app.dashboard.state.DashboardState;
import io.mitune.app.lag.GroupLag;
import io.mitune.app.lag.GroupPoll;
import io.mitune.schemas.Connection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;

/**
 * What the log says now: the same projection as the live page's, so that both show the same
 * figures.
 *
 * <p>Reading it changes nothing in the stream. Belongs to one thread.
 */
final class StreamStatus implements AutoCloseable {
    private static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();
    private static final int PATIENCE_SECONDS = 20;

    private final Connection connection;
    private final DashboardState state;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final LogReader log;

    /** Starts reading; an error where no stream can be reached. */
    StreamStatus(Connection connection) {
        this.connection = connection;
        requireStream();
        state = new DashboardState(List.copyOf(connection.topics().shortNames().values()));
        log = new LogReader(connection, state);
        parts.push(log);
        parts.push(new GroupPoll(connection, this::groups));
    }

    /** Waits until what was in the log at the start is read and the groups are known. */
    void awaitCaughtUp(Console console, BooleanSupplier stopped) {
        console.remark("reading the log of " + connection.bootstrapServers());
        while (!log.caughtUp() && !stopped.getAsBoolean()) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        long end = System.nanoTime() + Duration.ofSeconds(PATIENCE_SECONDS).toNanos();
        while (asked.getCount() > 0 && !stopped.getAsBoolean() && System.nanoTime() < end) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    ObjectNode view() {
        return StatusView.of(state.snapshot(now()), now());
    }

    @Override
    public void close() {
        for (var part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void groups(List<GroupLag> lags) {
        state.groups(lags);
        asked.countDown();
    }

    private static long now() {
        return System.currentTimeMillis();
    }

    private void requireStream() {
        var topic = connection.topics().prompts().name();
        try (var admin = Admin.create(connection.adminProperties())) {
            var names = admin.listTopics().names().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!names.contains(topic)) {
                throw new UserError(
                        "topic %s: expected it to exist, found none; mitune topics create makes it"
                                .formatted(topic));
            }
        } catch (TimeoutException e) {
            throw unreachable(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
                throw unreachable(e);
            }
            throw e.getCause() instanceof RuntimeException own
                    ? own
                    : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("interrupted before the brokers answered", e);
        }
    }

    private UserError unreachable(Exception cause) {
        return new UserError(
                "kafka at %s: expected an answer within %d s, found none; is it running?"
                        .formatted(connection.bootstrapServers(), PATIENCE_SECONDS),
                cause);
    }
}
