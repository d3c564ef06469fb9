package io.mitune.schemas.blobs;

import java.time.Instant;

/**
 * A blob as the store lists it. Immutable.
 *
 * @param path as in references, kind/ab/sha256.suffix
 * @param size bytes
 * @param modified when it was put last; putting a blob again makes it young
 */
public record StoredBlob(String path, long size, Instant modified) {}
