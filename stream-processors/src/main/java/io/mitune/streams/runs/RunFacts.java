package io.mitune.streams.runs;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.RunStatus;
import io.mitune.schemas.TrainingStep;
import java.util.Optional;

/**
 * What is known of a run at one moment. Immutable.
 *
 * @param run its name
 * @param settings the last of the runs topic
 * @param totals asked for and spent
 * @param adapter the one in use, with the last round that is decided
 * @param step the last optimizer step
 * @param before the status written last
 */
record RunFacts(
        String run,
        Optional<RunSettings> settings,
        RunTotals totals,
        Optional<AdapterEvent> adapter,
        Optional<TrainingStep> step,
        Optional<RunStatus> before) {

    int decidedRound() {
        return adapter.map(AdapterEvent::getRound).orElse(0);
    }

    int openedRound() {
        return before.map(RunStatus::getOpenedRound).orElse(0);
    }

    /**
     * Whether the settings are at least as new as the adapter: the collapse guard pauses a run in
     * the transaction of its decision, but the two records come by different ways.
     */
    boolean settingsAreIn() {
        double needed =
                adapter.map(a -> a.getMetrics().getOrDefault(RunsTopology.SETTINGS_VERSION, 0.0))
                        .orElse(0.0);
        return settings.map(RunSettings::getVersion).orElse(0) >= needed;
    }
}
