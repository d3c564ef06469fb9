package io.mitune.producers;

/**
 * Something about prompts, topics or the cluster that the user has to mend. The message is one
 * line: where, what, expected, found, hint.
 */
public final class PublishException extends RuntimeException {

    private final boolean conflict;

    public PublishException(String message) {
        this(message, null, false);
    }

    public PublishException(String message, Throwable cause) {
        this(message, cause, false);
    }

    private PublishException(String message, Throwable cause, boolean conflict) {
        super(message, cause);
        this.conflict = conflict;
    }

    /** What was asked for contradicts what is in the topic. */
    static PublishException conflict(String message) {
        return new PublishException(message, null, true);
    }

    /** Whether the topic holds something else under this name, so that asking again is no use. */
    public boolean isConflict() {
        return conflict;
    }
}
