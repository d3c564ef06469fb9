package io.mitune.embedded;

/**
 * The embedded broker or registry cannot start or keep its data.
 *
 * <p>The message is one line: where, what was expected, what was found.
 */
public final class EmbeddedException extends RuntimeException {
    public EmbeddedException(String message) {
        super(message);
    }

    /** Adds what the cause says to the message. */
    public EmbeddedException(String message, Throwable cause) {
        super(message + ", found " + found(cause), cause);
    }

    private static String found(Throwable cause) {
        String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return text.replaceAll("\\s*\\R\\s*", " ");
    }
}
