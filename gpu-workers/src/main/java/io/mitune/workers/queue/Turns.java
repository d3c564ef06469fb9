package io.mitune.workers.queue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets several loops of one worker do one task at a time; a task that waits keeps its lock on the
 * broker and can be abandoned. Thread-safe.
 */
public final class Turns {
    private static final long LOOK_MILLIS = 100;

    private final ReentrantLock lock = new ReentrantLock(true);

    /** The handler, for one of the loops. */
    public <I, O> TaskHandler<I, O> guard(TaskHandler<I, O> handler) {
        return (task, out) -> {
            await(out);
            try {
                return handler.handle(task, out);
            } finally {
                lock.unlock();
            }
        };
    }

    private void await(Emitter<?> out) {
        try {
            while (!lock.tryLock(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                out.checkpoint();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TaskAbandoned();
        }
    }
}
