package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** How MI is distributed over all candidates, and over those that were kept. Not thread-safe. */
final class Scores {
    private static final int BINS = 48;

    private final Histogram all = new Histogram();
    private final Histogram kept = new Histogram();

    void candidate(double mi) {
        all.add(mi);
    }

    void kept(double mi) {
        kept.add(mi);
    }

    /** Both with the same kind of bins, a few dozen each. */
    ObjectNode json() {
        var object = Json.object();
        object.set("all", all.json(BINS));
        object.set("kept", kept.json(BINS));
        return object;
    }
}
