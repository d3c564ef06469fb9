package io.mitune.schemas.blobs;

import io.mitune.schemas.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Blobs below a directory of any file system.
 *
 * <p>A file is written beside its place, forced to the disk and moved there, so it is whole or not
 * there. Links out of the root are refused. Thread-safe, also between processes.
 */
final class DirectoryBlobs implements BlobBackend {
    private static final String UNFINISHED = "\\.[0-9a-f-]{36}\\.tmp";
    private static final int DEPTH = 3;

    private final Path root;

    DirectoryBlobs(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public URI root() {
        return root.toUri();
    }

    @Override
    public String name(String path) {
        return below(path).toString();
    }

    @Override
    public void write(String path, String sha256, ByteBuffer bytes) throws IOException {
        Path file = below(path);
        if (!isWhole(file, sha256, bytes.remaining())) {
            write(file, bytes);
        }
    }

    @Override
    public OptionalLong size(String path) throws IOException {
        Path file = below(path);
        if (!Files.isRegularFile(file)) {
            return OptionalLong.empty();
        }
        requireInside(file);
        return OptionalLong.of(Files.size(file));
    }

    @Override
    public byte[] read(String path, long size) throws IOException {
        return Files.readAllBytes(require(path, size));
    }

    @Override
    public Path file(String path, String sha256, long size) throws IOException {
        Path file = require(path, size);
        BlobStore.requireHash(name(path), sha256, Files.readAllBytes(file));
        return file;
    }

    @Override
    public Stream<StoredBlob> list() throws IOException {
        if (!Files.isDirectory(root)) {
            return Stream.empty();
        }
        return Files.walk(root, DEPTH).flatMap(this::stored);
    }

    @Override
    public boolean delete(String path) throws IOException {
        Path file = below(path);
        if (Files.isDirectory(file.getParent())) {
            requireInside(file.getParent());
        }
        return Files.deleteIfExists(file);
    }

    @Override
    public int sweep(Instant before) throws IOException {
        if (!Files.isDirectory(root)) {
            return 0;
        }
        int removed = 0;
        try (var files = Files.walk(root, DEPTH)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (file.getFileName().toString().matches(UNFINISHED)
                        && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    removed += Files.deleteIfExists(file) ? 1 : 0;
                }
            }
        }
        return removed;
    }

    private Path require(String path, long size) throws IOException {
        BlobStore.requireSize(name(path), size, size(path));
        return below(path);
    }

    /** Links inside the root are fine, links out of it are not: neither to read nor to write. */
    private void requireInside(Path file) throws IOException {
        if (!file.toRealPath().startsWith(root.toRealPath())) {
            throw new BlobException(
                    "blob %s: expected a file below %s, found a link out of it"
                            .formatted(file, root));
        }
    }

    private Path below(String path) {
        return root.resolve(path.replace("/", root.getFileSystem().getSeparator()));
    }

    private String path(Path file) {
        return root.relativize(file).toString().replace(root.getFileSystem().getSeparator(), "/");
    }

    /** Nothing when it is no file, or gone meanwhile. */
    private Stream<StoredBlob> stored(Path file) {
        try {
            var found = Files.readAttributes(file, BasicFileAttributes.class);
            var modified = found.lastModifiedTime().toInstant();
            return found.isRegularFile()
                    ? Stream.of(new StoredBlob(path(file), found.size(), modified))
                    : Stream.empty();
        } catch (NoSuchFileException e) {
            return Stream.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Such a file is made young again, as if it had been written now. */
    private static boolean isWhole(Path file, String sha256, int size) throws IOException {
        if (!Files.isRegularFile(file)
                || Files.size(file) != size
                || !Identity.sha256(Files.readAllBytes(file)).equals(sha256)) {
            return false;
        }
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        return true;
    }

    private void write(Path file, ByteBuffer bytes) throws IOException {
        Path directory = Files.createDirectories(file.getParent());
        requireInside(directory);
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

    /** In one step on a disk; other file systems show a file only when it is whole. */
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
}
