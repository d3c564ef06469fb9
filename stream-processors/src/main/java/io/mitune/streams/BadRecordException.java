package io.mitune.streams;

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
}
