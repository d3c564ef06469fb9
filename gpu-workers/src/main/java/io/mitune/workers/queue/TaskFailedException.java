package io.mitune.workers.queue;

/**
 * A bug, a lost device or a broken disk ended the loop; the task was given back. Its message is one
 * line for the user, its cause the trace for {@code --verbose}.
 */
public final class TaskFailedException extends RuntimeException {

    TaskFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
