package io.mitune.app.web;

import java.time.Duration;

/**
 * What one server gives to all its clients together, so that none of them can take it down.
 * Immutable.
 *
 * @param maxBodyBytes of a request
 * @param maxStreams clients that stay connected for events at one time
 * @param maxConnections open at one time; more are not accepted until one closes
 * @param idle a connection without a byte for this long is closed, a slow reader's too
 * @param end how long requests may go on once the server is told to stop
 */
public record WebLimits(
        int maxBodyBytes, int maxStreams, int maxConnections, Duration idle, Duration end) {
    /** 1 MiB, 64 event clients, 512 connections, 30 s, 5 s. */
    public static final WebLimits DEFAULT =
            new WebLimits(1 << 20, 64, 512, Duration.ofSeconds(30), Duration.ofSeconds(5));
}
