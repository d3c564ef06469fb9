package io.mitune.app.dashboard.state;

/** A part of the page that is sent anew, as a whole, when it changed. */
enum Section {
    PIPELINE("pipeline", true),
    WORKERS("workers", true),
    BATCHES("batches", true),
    SCORES("scores", false),
    TRAINING("training", false),
    ADAPTERS("adapters", false),
    RUNS("runs", false),
    DEAD_LETTERS("deadLetters", false);

    private final String key;
    private final boolean timed;

    Section(String key, boolean timed) {
        this.key = key;
        this.timed = timed;
    }

    /** Its name in the data. */
    String key() {
        return key;
    }

    /** Whether it changes by the passing of time alone. */
    boolean timed() {
        return timed;
    }
}
