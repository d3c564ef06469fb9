package io.mitune.streams;

import java.util.Optional;

/**
 * A record that can never be processed, because of what it says. It goes to the dead letters and
 * the stream goes on. The message is one line: what, expected, found.
 */
public final class BadRecordException extends RuntimeException {

    public BadRecordException(String message) {
        super(message);
    }

    public BadRecordException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Refuses the record in hand for this fault, if it is one.
     *
     * @param where names what is wrong
     */
    public static void refuse(String where, Optional<String> fault) {
        refuse(fault.map(text -> where + ": " + text));
    }

    /** The same of a fault that says where. */
    public static void refuse(Optional<String> fault) {
        fault.ifPresent(
                text -> {
                    throw new BadRecordException(text);
                });
    }
}
