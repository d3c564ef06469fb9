package io.mitune.app.lag;

/**
 * How many records of a topic a group has still to process.
 *
 * @param group without the topic prefix
 * @param topic short name
 */
public record GroupLag(String group, String topic, long lag) {}
