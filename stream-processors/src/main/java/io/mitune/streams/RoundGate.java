package io.mitune.streams;

import io.mitune.schemas.AdapterEvent;
import java.util.Optional;

/**
 * Whether a round may be sampled yet.
 *
 * <p>A round is sampled with the adapter that the round before ended with, so that the whole run is
 * a function of prompts, seeds and settings and not of the speed of workers. Thread-safe.
 */
final class RoundGate {
    private RoundGate() {}

    /**
     * @param round 1, 2, ...
     * @param current the run's record in the adapters topic, if there is one
     */
    static boolean isOpen(int round, Optional<AdapterEvent> current) {
        return round <= 1 || current.map(a -> a.getRound() >= round - 1).orElse(false);
    }
}
