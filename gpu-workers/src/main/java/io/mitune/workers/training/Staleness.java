package io.mitune.workers.training;

/**
 * How old the samples of a step are.
 *
 * @param versions adapter versions between the oldest sample in use and the newest adapter
 * @param leftOut samples left out so far because they were older than is allowed
 */
record Staleness(int versions, long leftOut) {}
