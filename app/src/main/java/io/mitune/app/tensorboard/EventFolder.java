package io.mitune.app.tensorboard;

import io.mitune.app.cli.UserError;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The event files of one run: those that are there are read, and a new one is begun for what comes.
 *
 * <p>TensorBoard reads the files of a folder by name, one after the other, so a process that was
 * killed leaves at worst a torn end, and the next one goes on in a file of its own. One process at
 * a time: a lock says so. Belongs to one thread.
 */
final class EventFolder implements AutoCloseable {
    private static final Pattern NAME =
            Pattern.compile("events\\.out\\.tfevents\\.(\\d{10})\\.mitune");

    private final Path folder;
    private final FileChannel lockFile;
    private final FileLock lock;
    private Optional<OutputStream> out = Optional.empty();

    /** Makes the folder where it is missing. */
    EventFolder(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            lockFile =
                    FileChannel.open(
                            folder.resolve(".mitune.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lock = lock();
    }

    /** Gives every event that is there, file by file. */
    void read(Consumer<EventRecord> events) {
        try {
            for (var file : files()) {
                try (var in =
                        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
                    read(in, events);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void add(EventRecord event) {
        try {
            if (out.isEmpty()) {
                out = Optional.of(begin(event.wallSeconds()));
            }
            RecordFraming.write(out.get(), event.bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes what was added visible to readers. */
    void flush() {
        try {
            if (out.isPresent()) {
                out.get().flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try (lockFile) {
            if (out.isPresent()) {
                out.get().close();
            }
            lock.release();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private FileLock lock() {
        try {
            var taken = Optional.ofNullable(lockFile.tryLock());
            if (taken.isPresent()) {
                return taken.get();
            }
            lockFile.close();
        } catch (OverlappingFileLockException e) {
            throw otherWriter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw otherWriter();
    }

    private UserError otherWriter() {
        return new UserError(folder + ": expected no other writer of event files, found one");
    }

    private static void read(DataInputStream in, Consumer<EventRecord> events) throws IOException {
        for (var next = RecordFraming.read(in); next.isPresent(); next = RecordFraming.read(in)) {
            try {
                events.accept(EventRecord.of(next.get()));
            } catch (IllegalArgumentException e) {
                return; // not ours; TensorBoard stops here, too
            }
        }
    }

    private OutputStream begin(double wallSeconds) throws IOException {
        long last =
                files().stream()
                        .map(file -> NAME.matcher(file.getFileName().toString()))
                        .filter(name -> name.matches())
                        .mapToLong(name -> Long.parseLong(name.group(1)))
                        .max()
                        .orElse(0);
        var file = folder.resolve("events.out.tfevents.%010d.mitune".formatted(last + 1));
        var opened =
                new BufferedOutputStream(
                        Files.newOutputStream(file, StandardOpenOption.CREATE_NEW));
        RecordFraming.write(opened, EventRecord.fileVersion(wallSeconds));
        return opened;
    }

    private List<Path> files() throws IOException {
        try (var all = Files.list(folder)) {
            return all.filter(f -> f.getFileName().toString().contains(".tfevents."))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        }
    }
}
