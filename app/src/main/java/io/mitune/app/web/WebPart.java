package io.mitune.app.web;

/**
 * Something that the web server serves: a page with its files, an API.
 *
 * <p>Parts know the server and not each other, so that any set of them makes a server. They are
 * closed with it, after its last request.
 */
@FunctionalInterface
public interface WebPart extends AutoCloseable {
    /** Adds this part's routes; called once, before the server listens. */
    void register(Routes routes);

    /** Nothing to close, unless a part says so. */
    @Override
    default void close() {}
}
