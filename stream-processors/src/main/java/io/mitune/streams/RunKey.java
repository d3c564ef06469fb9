package io.mitune.streams;

import io.mitune.schemas.RequestLimits;

/** The key of records that stand for a whole run. Pure. */
public final class RunKey {
    private RunKey() {}

    /**
     * The run of a record. Compaction keeps one record of each key, so the run must be the key.
     *
     * @throws BadRecordException when it is no name of a run, or not the key
     */
    public static String checked(String key, String run) {
        BadRecordException.refuse("run", RequestLimits.runFault(run));
        if (!run.equals(key)) {
            throw new BadRecordException(
                    "key: expected the run, %s, found %s"
                            .formatted(run, key == null ? "none" : RequestLimits.shown(key)));
        }
        return run;
    }
}
