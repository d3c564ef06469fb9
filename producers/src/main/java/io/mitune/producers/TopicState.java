package io.mitune.producers;

import java.util.Map;

/**
 * A topic of the catalogue as the cluster has it. Immutable.
 *
 * @param name full name
 * @param partitions 0 when it does not exist
 * @param replicationFactor 0 when it does not exist
 * @param expectedPartitions as in the catalogue
 * @param created whether it was made just now
 * @param differences configuration keys that are not as in the catalogue: "expected X, found Y"
 */
public record TopicState(
        String name,
        int partitions,
        int replicationFactor,
        int expectedPartitions,
        boolean created,
        Map<String, String> differences) {

    public boolean exists() {
        return partitions > 0;
    }
}
