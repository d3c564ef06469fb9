package io.mitune.schemas;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A temporary directory of this process, which does not outlive it for long.
 *
 * <p>Closing deletes it. A process that is killed cannot, so whoever makes one removes those of the
 * same prefix that nobody owns any more. Owning is holding a lock on a file in it, which the system
 * gives up with the process; process numbers, which are used again, tell nothing. Directories of
 * other users and those without such a file are left alone. Thread-safe.
 */
public final class ScratchDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ScratchDirectory.class);
    private static final String LOCK = ".lock";

    /** Closing any channel on a lock file of this process would give up its lock. */
    private static final Set<Path> OWN = new HashSet<>();

    private final Path path;
    private final FileChannel lock;

    private ScratchDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** A new one in the system's temporary directory. */
    public static ScratchDirectory create(String prefix) throws IOException {
        return create(Path.of(System.getProperty("java.io.tmpdir")), prefix);
    }

    /** A new one, after removing what killed processes left there under this prefix. */
    public static ScratchDirectory create(Path parent, String prefix) throws IOException {
        Path real = parent.toRealPath();
        synchronized (OWN) {
            var made = make(real, prefix);
            removeAbandoned(real, prefix, made.path);
            return made;
        }
    }

    public Path path() {
        return path;
    }

    /** What cannot be deleted is left to the next process. */
    @Override
    public void close() {
        synchronized (OWN) {
            try (lock) {
                if (OWN.contains(path)) {
                    delete(path);
                }
            } catch (IOException e) {
                log.warn("{}: cannot be deleted: {}", path, e.getMessage());
            } finally {
                OWN.remove(path);
            }
        }
    }

    private static ScratchDirectory make(Path parent, String prefix) throws IOException {
        while (true) {
            Path path = Files.createTempDirectory(parent, prefix);
            var lock = own(path);
            if (lock.isPresent()) {
                OWN.add(path);
                return new ScratchDirectory(path, lock.get());
            }
        }
    }

    /** Nothing when another process took it for an abandoned one before it was locked. */
    private static Optional<FileChannel> own(Path path) throws IOException {
        Path file = path.resolve(LOCK);
        FileChannel channel;
        try {
            channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            if (channel.tryLock() != null && Files.exists(file)) {
                return Optional.of(channel);
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        return Optional.empty();
    }

    private static void removeAbandoned(Path parent, String prefix, Path made) throws IOException {
        var user = Files.getOwner(made);
        try (var siblings = Files.newDirectoryStream(parent, prefix + "*")) {
            for (Path sibling : siblings) {
                try {
                    if (!OWN.contains(sibling)
                            && Files.isDirectory(sibling, NOFOLLOW_LINKS)
                            && Files.getOwner(sibling, NOFOLLOW_LINKS).equals(user)) {
                        removeIfAbandoned(sibling);
                    }
                } catch (IOException e) {
                    // gone meanwhile, or not to be opened: no reason not to work
                }
            }
        }
    }

    private static void removeIfAbandoned(Path sibling) throws IOException {
        Path file = sibling.resolve(LOCK);
        if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) {
            deleteIfEmpty(sibling);
            return;
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            if (channel.tryLock() != null) {
                delete(sibling);
            }
        }
    }

    /** Its process died before it had a lock; one that lives makes another. */
    private static void deleteIfEmpty(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException e) {
            // somebody else's, in another form
        }
    }

    /** The lock goes last: what a killed deletion leaves can still be told from others' files. */
    private static void delete(Path directory) throws IOException {
        Path lock = directory.resolve(LOCK);
        try (var files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                if (!file.equals(lock) && !file.equals(directory)) {
                    Files.deleteIfExists(file);
                }
            }
        }
        Files.deleteIfExists(lock);
        Files.deleteIfExists(directory);
    }
}
