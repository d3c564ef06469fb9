package io.mitune.streams.curator;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.PromptRequest;

/** A prompt in a round of a run, as the key run/round/promptId of the stores. Immutable. */
record BoardKey(String run, int round, String promptId) {

    static BoardKey of(PromptRequest p) {
        return new BoardKey(p.getRun(), p.getRound(), p.getPromptId());
    }

    static BoardKey of(GenerationTask t) {
        return new BoardKey(t.getRun(), t.getRound(), t.getPromptId());
    }

    static BoardKey of(Candidate c) {
        return new BoardKey(c.getRun(), c.getRound(), c.getPromptId());
    }

    /** The inverse of {@link #toString}; runs and prompt ids have no slash. */
    static BoardKey parse(String text) {
        var parts = text.split("/", 3);
        return new BoardKey(parts[0], Integer.parseInt(parts[1]), parts[2]);
    }

    /** Run and round, which the whole round shares. */
    String runAndRound() {
        return run + "/" + round;
    }

    /** Fixed width, so that a range of the store is in order of index. */
    String candidate(int index) {
        return candidates() + "%05d".formatted(index);
    }

    /** Beginning of the keys of all candidates. */
    String candidates() {
        return this + "/";
    }

    @Override
    public String toString() {
        return run + "/" + round + "/" + promptId;
    }
}
