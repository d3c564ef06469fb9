package io.mitune.schemas.blobs;

/**
 * A blob cannot be written or read: missing, damaged, outside the root, or the disk refuses.
 *
 * <p>The message is one line that says where, what was expected and what was found.
 */
public final class BlobException extends RuntimeException {
    public BlobException(String message) {
        super(message);
    }

    public BlobException(String message, Throwable cause) {
        super(message, cause);
    }
}
