package io.mitune.workers.queue;

/**
 * What became of a task. A bad task is data, not an exception: it goes to the dead letters and the
 * worker lives on. A bug or a lost device is an exception: the task is given back and the role
 * ends, so that whoever supervises the process decides.
 */
public sealed interface Outcome permits Outcome.Done, Outcome.Rejected {

    /** Every result was handed to the emitter; the task is accepted once the broker has them. */
    record Done() implements Outcome {}

    /**
     * The task can never succeed, here or elsewhere.
     *
     * @param reason one line: where: what, expected, found
     */
    record Rejected(String reason) implements Outcome {}

    /** The task was done. */
    static Outcome done() {
        return new Done();
    }

    /** The task is refused for good. */
    static Outcome rejected(String reason) {
        return new Rejected(reason);
    }
}
