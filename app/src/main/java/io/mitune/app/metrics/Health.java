package io.mitune.app.metrics;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Whether a process is alive and ready for work.
 *
 * <p>Alive: no part of it has broken; an orchestrator restarts what is not. Ready: every part has
 * started; a worker with its model loaded, a topology that runs. An outage of the broker makes
 * nothing dead, since all parts wait for it. Thread-safe.
 */
public final class Health {
    private final Map<String, BooleanSupplier> parts = new ConcurrentSkipListMap<>();
    private volatile Optional<String> failure = Optional.empty();

    /** A part and whether it is ready. */
    public void part(String name, BooleanSupplier ready) {
        parts.put(name, ready);
    }

    /** A part that is not ready until the action that this gives is run. */
    public Runnable starting(String name) {
        var ready = new AtomicBoolean();
        part(name, ready::get);
        return () -> ready.set(true);
    }

    /** Something that has to be waited for, until the action that this gives is run. */
    public Runnable waitingFor(String name) {
        part(name, () -> false);
        return () -> parts.remove(name);
    }

    /** A part broke, and the process will end. */
    public void broken(Throwable error) {
        failure = Optional.of(String.valueOf(error.getMessage()));
    }

    /** Why it is not alive, if so. */
    Optional<String> failure() {
        return failure;
    }

    /** Each part, and whether it is ready. */
    Map<String, Boolean> ready() {
        var ready = new TreeMap<String, Boolean>();
        parts.forEach((name, part) -> ready.put(name, part.getAsBoolean()));
        return ready;
    }

    boolean isReady() {
        return failure.isEmpty() && !ready().isEmpty() && !ready().containsValue(false);
    }
}
