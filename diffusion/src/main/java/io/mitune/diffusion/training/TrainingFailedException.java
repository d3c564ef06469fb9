package io.mitune.diffusion.training;

import ai.djl.engine.EngineException;

/**
 * A device could not do its part of an optimizer step, which then has changed nothing; names the
 * device in one line.
 */
public final class TrainingFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final String REASON = "RuntimeError: ";

    TrainingFailedException(String device, EngineException cause) {
        super("training on " + device + ": " + reason(String.valueOf(cause.getMessage())), cause);
    }

    /** libtorch puts a trace of the script before the reason, and a trace of its own behind it. */
    private static String reason(String message) {
        int at = message.lastIndexOf(REASON);
        var text = at < 0 ? message : message.substring(at + REASON.length());
        return text.strip().lines().findFirst().orElse("no reason given");
    }
}
