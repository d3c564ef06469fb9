package io.mitune.app.cli;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a role running until it ends by itself or the process is told to stop.
 *
 * <p>On Ctrl-C or SIGTERM the parts are closed in reverse order before the JVM goes, so that
 * transactions are committed and groups are left; a second Ctrl-C ends it at once. Belongs to one
 * thread; {@link #stop} may come from any.
 */
public final class UntilStopped implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(UntilStopped.class);
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private volatile Duration patience = Duration.ofSeconds(40);
    private final Thread hook = new Thread(this::onShutdown, "stop");

    /** Listens for the end of the process from now on. */
    public UntilStopped() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** How long the process, told to stop, may take for that; 40 s unless set. */
    public void setPatience(Duration value) {
        patience = value;
    }

    /** A part to close at the end; the last one added is closed first. */
    public <T extends AutoCloseable> T closing(T part) {
        parts.push(part);
        return part;
    }

    /** Ends the wait when this ends, with its failure if it has one. */
    public void endingWith(CompletionStage<Void> part) {
        part.whenComplete((nothing, failure) -> complete(failure));
    }

    /** Ends the wait. */
    public void stop() {
        over.complete(null);
    }

    /** Does this when the process is told to stop, for parts that run in the caller's thread. */
    public void onStop(Runnable action) {
        over.whenComplete((nothing, failure) -> action.run());
    }

    /** Whether the wait is over, for loops that look between two records. */
    public boolean isStopped() {
        return over.isDone();
    }

    /** Waits; throws what the first failing part failed with. */
    public void await() throws Exception {
        try {
            over.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @Override
    public void close() {
        try {
            closeParts();
        } finally {
            closed.countDown();
            removeHook();
        }
    }

    private void closeParts() {
        RuntimeException first = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                var failure = e instanceof RuntimeException own ? own : new RuntimeException(e);
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private void complete(Throwable failure) {
        if (failure == null) {
            over.complete(null);
        } else {
            over.completeExceptionally(failure);
        }
    }

    private void onShutdown() {
        stop();
        SecondInterrupt.halts();
        try {
            if (!closed.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("gave up waiting for the end of the work");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is going down already, and the hook has been answered
        }
    }
}
