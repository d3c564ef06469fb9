package io.mitune.workers;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Turns of one device among the roles of a JVM: first come, first served.
 *
 * <p>Two tensor jobs on one device slow each other far more than twofold (their OpenMP threads
 * fight; on a GPU their memory adds up), so each role holds the lock for one micro-batch or a few
 * training steps and then lets the next one in. Thread-safe and reentrant.
 */
public final class DeviceLock {
    private final ReentrantLock lock = new ReentrantLock(true);

    /** Runs {@code work} when the device is free. */
    public <T> T with(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** Runs {@code work} when the device is free. */
    public void run(Runnable work) {
        with(
                () -> {
                    work.run();
                    return true;
                });
    }

    /** Whether at least that many threads wait for the device. */
    boolean hasWaiting(int threads) {
        return lock.getQueueLength() >= threads;
    }
}
