package io.mitune.schemas.blobs;

import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Identity;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * Immutable, content-addressed files below one root: latents, images, adapters.
 *
 * <p>Events carry a {@link BlobRef} instead of the bytes. A blob's name is its hash, so writing it
 * twice changes nothing, and a file is there whole or not at all. The root is a directory of any
 * file system, or what a {@link BlobScheme} opens. A reference comes from outside and is checked:
 * it can only ever name something below the root. Thread-safe, also between processes. Any method
 * may throw {@link BlobsUnavailableException}.
 */
public final class BlobStore {
    /** Bytes of a blob that is read whole: what a Java array can hold. */
    private static final long MAX_IN_MEMORY = Integer.MAX_VALUE - 8;

    private final BlobBackend backend;

    private BlobStore(BlobBackend backend) {
        this.backend = backend;
    }

    /** The store below a directory, which is made when the first blob is written. */
    public static BlobStore at(Path root) {
        return new BlobStore(new DirectoryBlobs(root));
    }

    /** The store on what a scheme has opened. */
    public static BlobStore on(BlobBackend backend) {
        return new BlobStore(backend);
    }

    /** The store below a URI of a known scheme or installed file system: s3://bucket/prefix. */
    public static BlobStore at(URI root) {
        for (var scheme : ServiceLoader.load(BlobScheme.class)) {
            if (scheme.name().equalsIgnoreCase(root.getScheme())) {
                return on(scheme.open(root));
            }
        }
        try {
            return at(Path.of(root));
        } catch (RuntimeException e) {
            throw new BlobException(
                    "blob root %s: expected the URI of an installed file system, found %s"
                            .formatted(root, e.getMessage()),
                    e);
        }
    }

    /** Where it is; {@link #at(URI)} of this is the same store. Holds no credentials. */
    public URI root() {
        return backend.root();
    }

    /** Stores a file that holds no single tensor. */
    public BlobRef put(String kind, String suffix, byte[] bytes) {
        return put(kind, suffix, ByteBuffer.wrap(bytes), "", List.of());
    }

    /**
     * Stores the remaining bytes and returns when they will survive.
     *
     * @param kind first directory, e.g. latents
     * @param suffix file name ending without its dot, e.g. png
     * @param dtype safetensors dtype of the tensor inside, or empty
     * @param shape shape of the tensor inside, or empty
     */
    public BlobRef put(
            String kind, String suffix, ByteBuffer bytes, String dtype, List<Integer> shape) {
        String sha256 = Identity.sha256(bytes);
        String path = BlobPath.of(kind, sha256, suffix);
        try {
            backend.write(path, sha256, bytes.duplicate());
        } catch (IOException e) {
            throw new BlobException(
                    "blob %s: cannot write %d bytes: %s"
                            .formatted(backend.name(path), bytes.remaining(), Reason.of(e)),
                    e);
        }
        return BlobRef.newBuilder()
                .setPath(path)
                .setSha256(sha256)
                .setSize(bytes.remaining())
                .setDtype(dtype)
                .setShape(shape)
                .build();
    }

    /** The bytes of a reference, which match its hash. */
    public byte[] get(BlobRef ref) {
        String path = BlobPath.of(ref);
        if (ref.getSize() > MAX_IN_MEMORY) {
            throw new BlobException(
                    "blob %s: expected at most %d bytes, found %d"
                            .formatted(backend.name(path), MAX_IN_MEMORY, ref.getSize()));
        }
        try {
            byte[] bytes = backend.read(path, ref.getSize());
            requireHash(backend.name(path), ref.getSha256(), bytes);
            return bytes;
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /**
     * A file of this machine with the bytes of a reference, which match its hash. To be read at
     * once and left as it is: on an object store it is a copy that goes away by itself.
     */
    public Path resolve(BlobRef ref) {
        String path = BlobPath.of(ref);
        try {
            return backend.file(path, ref.getSha256(), ref.getSize());
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /** Whether the blob is there with its size; its bytes are not read. */
    public boolean has(BlobRef ref) {
        String path = BlobPath.of(ref);
        try {
            var size = backend.size(path);
            return size.isPresent() && size.getAsLong() == ref.getSize();
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /** All blobs in no order, foreign files left out; to be closed. */
    public Stream<StoredBlob> list() {
        try {
            return backend.list().filter(blob -> BlobPath.isOne(blob.path()));
        } catch (IOException e) {
            throw new BlobException("blobs %s: cannot list: %s".formatted(root(), Reason.of(e)), e);
        }
    }

    /** Asks for a sign of life: that the store is there and lets us in. */
    public void requireAnswer() {
        list().close();
    }

    /** Removes a blob that no event will name again; false when there was none. */
    public boolean delete(StoredBlob blob) {
        if (!BlobPath.isOne(blob.path())) {
            throw new IllegalArgumentException("blob path: found " + Reason.printable(blob.path()));
        }
        try {
            return backend.delete(blob.path());
        } catch (IOException e) {
            throw new BlobException(
                    "blob %s: cannot delete: %s".formatted(backend.name(blob.path()), Reason.of(e)),
                    e);
        }
    }

    /** Removes what writers that were killed before this moment left behind; how many files. */
    public int sweep(Instant before) {
        try {
            return backend.sweep(before);
        } catch (IOException e) {
            throw new BlobException(
                    "blobs %s: cannot sweep: %s".formatted(root(), Reason.of(e)), e);
        }
    }

    private BlobException unreadable(String path, IOException e) {
        return new BlobException(
                "blob %s: cannot read: %s".formatted(backend.name(path), Reason.of(e)), e);
    }

    /** For backends: throws unless a blob is there with this size. */
    public static void requireSize(String name, long expected, OptionalLong found) {
        if (found.isEmpty()) {
            throw new BlobException(
                    "blob %s: expected a file, found none; is the blob root the writer's?"
                            .formatted(name));
        }
        if (found.getAsLong() != expected) {
            throw new BlobException(
                    "blob %s: expected %d bytes, found %d"
                            .formatted(name, expected, found.getAsLong()));
        }
    }

    /** For backends: throws unless the bytes have this hash. */
    public static void requireHash(String name, String expected, byte[] bytes) {
        String found = Identity.sha256(bytes);
        if (!found.equals(expected)) {
            throw new BlobException(
                    "blob %s: expected sha256 %s, found %s; the file is damaged"
                            .formatted(name, expected, found));
        }
    }
}
