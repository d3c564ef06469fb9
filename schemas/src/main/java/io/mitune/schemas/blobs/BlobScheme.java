package io.mitune.schemas.blobs;

import java.net.URI;

/**
 * Opens the blob stores of one URI scheme; found by {@link java.util.ServiceLoader}.
 *
 * <p>So that this module needs no object store's client: whoever wants one adds a jar.
 */
public interface BlobScheme {
    /** Lower case, e.g. s3. */
    String name();

    /**
     * The place below this root; nothing is asked of it yet.
     *
     * @throws BlobException in one line, when the URI or the settings are none that it takes
     */
    BlobBackend open(URI root);
}
