package io.mitune.producers;

/**
 * Something about prompts, topics or the cluster that the user has to mend. The message is one
 * line: where, what, expected, found, hint.
 */
public final class PublishException extends RuntimeException {

    public PublishException(String message) {
        super(message);
    }

    public PublishException(String message, Throwable cause) {
        super(message, cause);
    }
}
