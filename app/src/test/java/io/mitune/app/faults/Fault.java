package io.mitune.app.faults;

import io.mitune.app.faults.SlowProxy.Weather;

/** One thing that goes wrong, for a time. */
sealed interface Fault {

    /** Whom it hits; two faults at a time hit two. */
    String victim();

    /** SIGKILL, and a new start after a while. */
    record Kill(String victim, int downMillis) implements Fault {}

    /** SIGTERM, and a new start after a while. */
    record Stop(String victim, int downMillis) implements Fault {}

    /** SIGSTOP, and SIGCONT after a while. */
    record Pause(String victim, int millis) implements Fault {}

    /** The network of all but the first worker, for a while. */
    record Network(Weather weather, int millis) implements Fault {
        @Override
        public String victim() {
            return "network";
        }
    }
}
