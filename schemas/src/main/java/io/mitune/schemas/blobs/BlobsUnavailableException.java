package io.mitune.schemas.blobs;

/**
 * The blob store as a whole cannot be used: not reachable, no credentials, access denied.
 *
 * <p>Not the fault of the record at hand: a role must not set it aside but wait or stop, and go on
 * with the same record afterwards. The message is one line and holds no credentials.
 */
public final class BlobsUnavailableException extends RuntimeException {
    public BlobsUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
