package io.mitune.workers.queue;

/** Thrown by {@link Emitter#checkpoint} when the loop is stopping and won't wait any longer. */
public final class TaskAbandoned extends RuntimeException {

    TaskAbandoned() {
        super("task abandoned: the worker is stopping", null, false, false);
    }
}
