package io.mitune.diffusion.devices;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What became of work in other threads. Stateless. */
public final class Futures {
    private Futures() {}

    /** Its result, or its failure as it was thrown there. */
    public static <T> T result(CompletableFuture<T> work) {
        try {
            return work.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
