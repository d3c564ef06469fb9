package io.mitune.schemas.blobs;

import io.mitune.schemas.ScratchDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Copies of remote blobs in a temporary directory of this process, for readers that need a file.
 *
 * <p>The least recently used go when they take more than a limit. The directory is deleted at the
 * process's end; those of processes that were killed, by the next process that makes one.
 * Thread-safe.
 */
public final class LocalCopies {
    /** Reads the bytes of a blob and checks them. */
    public interface Source {
        byte[] read() throws IOException;
    }

    private static final String PREFIX = "mitune-blobs-";

    private static final LocalCopies USUAL =
            new LocalCopies(Path.of(System.getProperty("java.io.tmpdir")), 1L << 30);

    private final Path parent;
    private final long limit;
    private final Map<String, Long> sizes = new LinkedHashMap<>(16, 0.75f, true);
    private long total;
    private Path directory;

    /**
     * @param parent where the directory is made when it is first needed
     * @param limit bytes; one larger file is kept all the same
     */
    public LocalCopies(Path parent, long limit) {
        this.parent = parent;
        this.limit = limit;
    }

    /** The process's own in the system's temporary directory, 1 GiB. */
    public static LocalCopies usual() {
        return USUAL;
    }

    /** The file of this hash, made by {@code source} when it is not there. */
    public synchronized Path file(String sha256, Source source) throws IOException {
        if (directory == null) {
            open();
        }
        Path file = directory.resolve(sha256);
        if (sizes.get(sha256) != null && Files.isRegularFile(file)) {
            return file;
        }
        byte[] bytes = source.read();
        try (var out =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            out.truncate(0);
            for (var left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
                out.write(left);
            }
        }
        Long before = sizes.put(sha256, (long) bytes.length);
        total += bytes.length - (before == null ? 0 : before);
        makeRoom(sha256);
        return file;
    }

    private void makeRoom(String kept) throws IOException {
        var oldestFirst = sizes.entrySet().iterator();
        while (total > limit && oldestFirst.hasNext()) {
            var oldest = oldestFirst.next();
            if (!oldest.getKey().equals(kept)) {
                Files.deleteIfExists(directory.resolve(oldest.getKey()));
                total -= oldest.getValue();
                oldestFirst.remove();
            }
        }
    }

    private void open() throws IOException {
        var scratch = ScratchDirectory.create(parent, PREFIX);
        directory = scratch.path();
        Runtime.getRuntime().addShutdownHook(new Thread(scratch::close, "blob-copies"));
    }
}
