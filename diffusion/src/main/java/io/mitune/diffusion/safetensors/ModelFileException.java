package io.mitune.diffusion.safetensors;

/**
 * A model file that cannot be used: missing, damaged, or not what the code expects.
 *
 * <p>One type for all of them, because the reader of the message does the same thing each time:
 * look at the named file. The message is one line, {@code where: what, expected X, found Y; hint}.
 */
public final class ModelFileException extends RuntimeException {
    public ModelFileException(Object where, String what) {
        super(where + ": " + what);
    }

    public ModelFileException(Object where, String what, Throwable cause) {
        super(where + ": " + what, cause);
    }
}
