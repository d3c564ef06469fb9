package io.mitune.app.web;

import io.javalin.http.Context;
import java.io.IOException;

/** Serves one client that stays connected, in its own thread, until it goes or all is sent. */
@FunctionalInterface
public interface StreamHandler {
    /** Checks the request before anything is sent; a {@link WebException} is a usual answer. */
    Feed open(Context request);

    /** What one client gets. */
    @FunctionalInterface
    interface Feed extends AutoCloseable {
        /** Sends until {@link LiveStream#isOpen} is false or all is sent. */
        void run(LiveStream client) throws IOException, InterruptedException;

        /** Called in the same thread at the end, whatever happened. */
        @Override
        default void close() {}
    }
}
