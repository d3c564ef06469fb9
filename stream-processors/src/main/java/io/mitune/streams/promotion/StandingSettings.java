package io.mitune.streams.promotion;

import io.mitune.schemas.RunLimits;
import io.mitune.schemas.RunSettings;
import io.mitune.streams.BadRecordException;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * What promotion knows of the runs' settings: whether a run is paused, and what its collapse guard
 * may look at. Belongs to one stream task.
 */
final class StandingSettings {
    private final KeyValueStore<String, RunSettings> settings;
    private final KeyValueStore<String, Integer> guardedFrom;

    /**
     * @param settings the last ones of each run
     * @param guardedFrom the oldest version of each run that its guard looks at
     */
    StandingSettings(
            KeyValueStore<String, RunSettings> settings,
            KeyValueStore<String, Integer> guardedFrom) {
        this.settings = settings;
        this.guardedFrom = guardedFrom;
    }

    boolean isPaused(String run) {
        return of(run).filter(RunSettings::getPaused).isPresent();
    }

    /**
     * Takes settings in; true when they let a paused run go on. What came before that is forgiven:
     * the guard looks no further back than the version that is in use then.
     */
    boolean take(RunSettings now, int inUse) {
        BadRecordException.refuse("run", RunLimits.fault(now));
        if (of(now.getRun()).filter(s -> s.getVersion() > now.getVersion()).isPresent()) {
            return false; // overtaken by a pause of ours
        }
        boolean goesOn = isPaused(now.getRun()) && !now.getPaused();
        settings.put(now.getRun(), now);
        if (goesOn) {
            guardedFrom.put(now.getRun(), inUse);
        }
        return goesOn;
    }

    /**
     * The pause to write again, on top of settings whose writer had not seen it: only who knows of
     * a pause can end it.
     */
    Optional<RunSettings> upheld(RunSettings now) {
        return of(now.getRun())
                .filter(s -> s.getPaused() && !now.getPaused())
                .filter(s -> now.getVersion() <= s.getVersion())
                .map(s -> pause(now, s.getVersion(), s.getReason(), s.getChangedAt()));
    }

    Optional<CollapseGuard> guard(String run) {
        return of(run).flatMap(CollapseGuard::of);
    }

    int guardedFrom(String run) {
        return Optional.ofNullable(guardedFrom.get(run)).orElse(0);
    }

    /** Pauses a run; the settings are to be written by whoever asks. */
    RunSettings pause(String run, String reason, Instant when) {
        var before = of(run).orElseThrow();
        return pause(before, before.getVersion(), reason, when);
    }

    private RunSettings pause(RunSettings on, int versionBefore, String reason, Instant when) {
        var paused =
                RunSettings.newBuilder(on)
                        .setVersion(versionBefore + 1)
                        .setPaused(true)
                        .setReason(reason)
                        .setChangedAt(when)
                        .build();
        settings.put(on.getRun(), paused);
        return paused;
    }

    private Optional<RunSettings> of(String run) {
        return Optional.ofNullable(settings.get(run));
    }
}
