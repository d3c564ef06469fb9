package io.mitune.workers.generation;

import io.mitune.workers.queue.Emitter;

/** For handlers that have nothing to emit. */
final class Nothing implements Emitter<Object> {
    @Override
    public void emit(String key, Object value) {
        throw new AssertionError("nothing to emit");
    }

    @Override
    public void checkpoint() {}
}
