package io.mitune.schemas.blobs;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Where the bytes of blobs lie: a directory, or a bucket of an object store.
 *
 * <p>Every path that comes in was checked by {@link BlobStore}: {@code kind/ab/sha256.suffix}.
 * Implementations are thread-safe, also between processes, and a blob that they show is whole. A
 * single blob that is not as it should be is a {@link BlobException}; a place that cannot be
 * reached at all is a {@link BlobsUnavailableException}, after bounded tries.
 */
public interface BlobBackend {
    /** The root: file:///data/blobs, s3://bucket/prefix. Holds no credentials. */
    URI root();

    /** A blob as messages name it. */
    String name(String path);

    /**
     * Makes the bytes visible under this name, in one step; what was there before is replaced.
     *
     * @param bytes the remaining ones; their position may move
     */
    void write(String path, String sha256, ByteBuffer bytes) throws IOException;

    /** Size in bytes; empty when there is no such blob. */
    OptionalLong size(String path) throws IOException;

    /**
     * All bytes.
     *
     * @param size bytes that are expected; another number is a {@link BlobException}, found out
     *     before they are read
     */
    byte[] read(String path, long size) throws IOException;

    /** A file of this machine with these bytes, which the caller only reads and does not keep. */
    Path file(String path, String sha256, long size) throws IOException;

    /** What is there, in no order; foreign files may be among it. To be closed. */
    Stream<StoredBlob> list() throws IOException;

    /** Removes a blob; false when there was none. */
    boolean delete(String path) throws IOException;

    /** Removes what writers that were killed before this moment left behind; how many. */
    int sweep(Instant before) throws IOException;
}
