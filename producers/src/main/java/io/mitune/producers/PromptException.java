package io.mitune.producers;

/**
 * Something about the prompts or their publication that the user has to mend. The message is one
 * line: where, what, expected, found, hint.
 */
public final class PromptException extends RuntimeException {

    public PromptException(String message) {
        super(message);
    }

    public PromptException(String message, Throwable cause) {
        super(message, cause);
    }
}
