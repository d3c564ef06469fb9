package io.mitune.app.cli;

/**
 * Something the user can put right: the message is the whole line that the user sees.
 *
 * <p>The form is <i>where: what, expected X, found Y; hint</i>. Immutable.
 */
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An error with its one line. */
    public UserError(String line) {
        super(line);
    }

    /** An error with its one line and, for {@code --verbose}, its cause. */
    public UserError(String line, Throwable cause) {
        super(line, cause);
    }
}
