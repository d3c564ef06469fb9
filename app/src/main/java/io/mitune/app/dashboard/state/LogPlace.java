package io.mitune.app.dashboard.state;

/**
 * Where a record lies in its topic, and when it was written.
 *
 * @param timestamp milliseconds since 1970
 */
public record LogPlace(int partition, long offset, long timestamp) {}
