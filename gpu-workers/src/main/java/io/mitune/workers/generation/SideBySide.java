package io.mitune.workers.generation;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Does small pieces of work that wait for the disk at the same time.
 *
 * <p>Each blob is forced to the disk before its event; one after the other, the blobs of a
 * micro-batch would keep the device waiting for as long as the drawing takes. Thread-safe.
 */
final class SideBySide {
    private static final int THREADS = 16;
    private static final Executor POOL = Executors.newFixedThreadPool(THREADS, SideBySide::thread);

    private SideBySide() {}

    /** The results in the order of the work; throws what the first piece that fails throws. */
    static <T> List<T> get(List<Supplier<T>> work) {
        var running = work.stream().map(w -> CompletableFuture.supplyAsync(w, POOL)).toList();
        return running.stream().map(SideBySide::result).toList();
    }

    private static <T> T result(CompletableFuture<T> piece) {
        try {
            return piece.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static Thread thread(Runnable work) {
        var thread = new Thread(work, "blobs");
        thread.setDaemon(true);
        return thread;
    }
}
