package io.mitune.schemas;

/**
 * The names by which the roles are known to a cluster: consumer groups, share groups, transactional
 * ids, application ids of Kafka Streams.
 *
 * <p>In one place, since access control lists name them, too. Immutable.
 *
 * @param prefix that of the topics, may be empty
 */
public record ClientNames(String prefix) {

    /** Share group of the workers. */
    public String workers() {
        return prefix + "workers";
    }

    /** Consumer group and transactional id of a run's trainer. */
    public String trainer(String run) {
        return prefix + "trainer-" + run;
    }

    /** Transactional id of whoever sends dead letters again. */
    public String redrive() {
        return prefix + "dead-letters-redrive";
    }

    /** Transactional id of whoever gives a new run its curated records; the beginning for "". */
    public String curatedWriter(String run) {
        return prefix + "curated-for-" + run;
    }

    /**
     * Application id of a topology: its consumer group and the beginning of its transactional ids
     * and internal topics.
     */
    public String streams(String topology) {
        String stem = prefix.replaceAll("[._-]+$", "");
        return stem.isEmpty() ? topology : stem + "-" + topology;
    }
}
