package io.mitune.streams.promotion;

/** Values of {@code AdapterEvent.status} that promotion reads or writes. */
public final class AdapterStatus {
    /** A trained version that asks for a decision. */
    public static final String CANDIDATE = "candidate";

    /** In use, or was. */
    public static final String PROMOTED = "promoted";

    /** Not to be used. */
    public static final String REJECTED = "rejected";

    /** In use again because somebody went back to it. */
    public static final String ROLLED_BACK = "rolled-back";

    /** Somebody asks for {@code version} to be used, whatever its evaluation says. */
    public static final String PROMOTE_REQUESTED = "promote-requested";

    /** Somebody asks to go back to {@code version}; below 0 for the one promoted before. */
    public static final String ROLLBACK_REQUESTED = "rollback-requested";

    private AdapterStatus() {}
}
