package io.mitune.schemas;

import java.util.function.Supplier;
import org.slf4j.MDC;

/**
 * Says in every log line of a piece of work whose it is, so that logs of all roles can be searched
 * for one prompt or run. The names are those of the records' fields. Thread-safe.
 */
public final class LogContext {
    public static final String PROMPT_ID = "promptId";
    public static final String RUN = "run";

    private LogContext() {}

    /** Does work for one prompt of a run. */
    public static <T> T of(String run, String promptId, Supplier<T> work) {
        return with(RUN, run, () -> with(PROMPT_ID, promptId, work));
    }

    /** Does work for a run. */
    public static <T> T of(String run, Supplier<T> work) {
        return with(RUN, run, work);
    }

    private static <T> T with(String name, String value, Supplier<T> work) {
        var before = MDC.get(name);
        MDC.put(name, value);
        try {
            return work.get();
        } finally {
            if (before == null) {
                MDC.remove(name);
            } else {
                MDC.put(name, before);
            }
        }
    }
}
