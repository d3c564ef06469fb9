package io.mitune.schemas.blobs;

import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Identity;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Immutable, content-addressed files below one root: latents, images, adapters.
 *
 * <p>Events carry a {@link BlobRef} instead of the bytes. A blob's name is its hash, so writing it
 * twice changes nothing, and a file is there whole or not at all. The root is any {@link Path},
 * thus also one of a cloud provider. A reference comes from outside and is checked: it can only
 * ever name a file below the root. Thread-safe, also between processes.
 */
public final class BlobStore {
    private static final Pattern KIND = Pattern.compile("[a-z][a-z0-9-]{0,63}");
    private static final Pattern SUFFIX = Pattern.compile("[a-z0-9]{1,16}(\\.[a-z0-9]{1,16})?");
    private static final Pattern PATH =
            Pattern.compile(
                    "(" + KIND + ")/([0-9a-f]{2})/(\\2[0-9a-f]{62})\\." + "(" + SUFFIX + ")");

    private final Path root;

    private BlobStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** The store below a directory, which is made when the first blob is written. */
    public static BlobStore at(Path root) {
        return new BlobStore(root);
    }

    /** The store below a URI of any installed file system provider, e.g. file:///data/blobs. */
    public static BlobStore at(URI root) {
        try {
            return new BlobStore(Path.of(root));
        } catch (RuntimeException e) {
            throw new BlobException(
                    "blob root %s: expected the URI of an installed file system, found %s"
                            .formatted(root, e.getMessage()),
                    e);
        }
    }

    public Path root() {
        return root;
    }

    /** Stores a file that holds no single tensor. */
    public BlobRef put(String kind, String suffix, byte[] bytes) {
        return put(kind, suffix, ByteBuffer.wrap(bytes), "", List.of());
    }

    /**
     * Stores the remaining bytes and returns when they are on the disk.
     *
     * @param kind first directory, e.g. latents
     * @param suffix file name ending without its dot, e.g. png
     * @param dtype safetensors dtype of the tensor inside, or empty
     * @param shape shape of the tensor inside, or empty
     */
    public BlobRef put(
            String kind, String suffix, ByteBuffer bytes, String dtype, List<Integer> shape) {
        if (!KIND.matcher(kind).matches() || !SUFFIX.matcher(suffix).matches()) {
            throw new IllegalArgumentException(
                    "blob kind and suffix: expected lower-case words, found '%s' and '%s'"
                            .formatted(kind, suffix));
        }
        String sha256 = Identity.sha256(bytes);
        String path = kind + "/" + sha256.substring(0, 2) + "/" + sha256 + "." + suffix;
        Path file = below(path);
        try {
            if (!isWhole(file, sha256, bytes.remaining())) {
                write(file, bytes.duplicate());
            }
        } catch (IOException e) {
            throw new BlobException(
                    "blob %s: cannot write %d bytes: %s"
                            .formatted(file, bytes.remaining(), reason(e)),
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

    /** The file of a reference: inside the root, there, and of the right size. */
    public Path resolve(BlobRef ref) {
        var parts = PATH.matcher(ref.getPath());
        if (!parts.matches() || !parts.group(3).equals(ref.getSha256())) {
            throw new BlobException(
                    "blob reference: expected kind/ab/sha256.suffix with its own sha256, found '%s'"
                            .formatted(printable(ref.getPath())));
        }
        Path file = below(ref.getPath());
        try {
            if (!Files.isRegularFile(file)) {
                throw new BlobException(
                        "blob %s: expected a file, found none; is the blob root the writer's?"
                                .formatted(file));
            }
            if (!file.toRealPath().startsWith(root.toRealPath())) {
                throw new BlobException(
                        "blob %s: expected a file below %s, found a link out of it"
                                .formatted(file, root));
            }
            if (Files.size(file) != ref.getSize()) {
                throw new BlobException(
                        "blob %s: expected %d bytes, found %d"
                                .formatted(file, ref.getSize(), Files.size(file)));
            }
        } catch (IOException e) {
            throw new BlobException("blob %s: cannot read: %s".formatted(file, reason(e)), e);
        }
        return file;
    }

    /** The bytes of a reference, which match its hash. */
    public byte[] get(BlobRef ref) {
        Path file = resolve(ref);
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new BlobException("blob %s: cannot read: %s".formatted(file, reason(e)), e);
        }
        String found = Identity.sha256(bytes);
        if (!found.equals(ref.getSha256())) {
            throw new BlobException(
                    "blob %s: expected sha256 %s, found %s; the file is damaged"
                            .formatted(file, ref.getSha256(), found));
        }
        return bytes;
    }

    private Path below(String path) {
        return root.resolve(path.replace("/", root.getFileSystem().getSeparator()));
    }

    private static boolean isWhole(Path file, String sha256, int size) throws IOException {
        return Files.isRegularFile(file)
                && Files.size(file) == size
                && Identity.sha256(Files.readAllBytes(file)).equals(sha256);
    }

    private static void write(Path file, ByteBuffer bytes) throws IOException {
        Path directory = Files.createDirectories(file.getParent());
        Path temporary = directory.resolve("." + UUID.randomUUID() + ".tmp");
        try {
            var create = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            try (var out = Files.newByteChannel(temporary, create)) {
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                if (out instanceof FileChannel local) {
                    local.force(true);
                }
            }
            rename(temporary, file);
            force(directory);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** In one step on a disk; a cloud provider makes a file visible only when it is whole. */
    private static void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException | UnsupportedOperationException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Makes the new name itself survive a power cut, where the system can do that. */
    private static void force(Path directory) {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException | UnsupportedOperationException e) {
            // not every system opens directories; the file itself is on the disk already
        }
    }

    private static String reason(IOException e) {
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        return e.getClass().getSimpleName()
                + (e.getMessage() == null ? "" : " " + printable(e.getMessage()));
    }

    private static String printable(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 200 ? clean : clean.substring(0, 200) + "...";
    }
}
