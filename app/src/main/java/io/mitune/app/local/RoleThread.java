package io.mitune.app.local;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A role on a thread of its own: started at once, asked to stop by {@link #stop} or {@link #close}.
 *
 * <p>A role that breaks fails {@link #ended}, so that whoever started it ends with its error
 * instead of waiting for work that nobody does. Thread-safe.
 */
final class RoleThread implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RoleThread.class);

    /** Beyond what a worker grants its task. */
    static final Duration PATIENCE = Duration.ofSeconds(45);

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Runnable stop;
    private final Thread thread;

    /**
     * @param work returns when the role has stopped
     * @param stop asks it to; may be called from any thread
     */
    RoleThread(String name, Runnable work, Runnable stop) {
        this.stop = stop;
        thread = new Thread(() -> run(work), name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Completes when the role has stopped; fails when it broke. */
    CompletionStage<Void> ended() {
        return ended.minimalCompletionStage();
    }

    /** Asks it to, without waiting. */
    void stop() {
        stop.run();
    }

    @Override
    public void close() {
        stop();
        try {
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            log.warn("{}: expected to stop within {} s", thread.getName(), PATIENCE.toSeconds());
        }
    }

    private void run(Runnable work) {
        try {
            work.run();
            ended.complete(null);
        } catch (RuntimeException | Error e) {
            ended.completeExceptionally(e);
        }
    }
}
