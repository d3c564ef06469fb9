package io.mitune.app.export;

import io.mitune.app.cli.UserError;
import io.mitune.app.cli.WholeOutput;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A folder that is there whole or not at all.
 *
 * <p>Everything is written to {@code NAME.partial} and renamed at the end, so a killed export
 * leaves nothing that looks whole. What it leaves is marked and locked: the next one removes it,
 * but neither a folder of the user's nor that of an export which still runs.
 */
final class OutputFolder implements AutoCloseable {
    private static final String MARK = ".mitune-export";

    private final Path wanted;
    private final Path partial;
    private final FileChannel mark;

    private OutputFolder(Path wanted, Path partial, FileChannel mark) {
        this.wanted = wanted;
        this.partial = partial;
        this.mark = mark;
    }

    /** Refuses a name that is taken. */
    static void requireFree(Path wanted) {
        if (Files.exists(wanted, LinkOption.NOFOLLOW_LINKS)) {
            throw new UserError(
                    wanted
                            + ": expected a new folder, found one that exists;"
                            + " remove it or choose another --output");
        }
    }

    /** Makes the folder to write to. */
    static OutputFolder make(Path wanted) throws IOException {
        requireFree(wanted);
        var absolute = wanted.toAbsolutePath().normalize();
        var partial = absolute.resolveSibling(absolute.getFileName() + ".partial");
        if (Files.exists(partial, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.isRegularFile(partial.resolve(MARK), LinkOption.NOFOLLOW_LINKS)) {
                throw new UserError(
                        partial + ": expected none or that of a killed export, found another");
            }
            lock(partial).close(); // refused while it still runs
            WholeOutput.delete(partial);
        }
        Files.createDirectories(partial);
        return new OutputFolder(absolute, partial, lock(partial));
    }

    /** Where to write. */
    Path path() {
        return partial;
    }

    /** Gives the folder its name: all is written. */
    void publish() throws IOException {
        requireFree(wanted);
        mark.close();
        Files.delete(partial.resolve(MARK));
        Files.move(partial, wanted);
    }

    /** Removes what was not published. */
    @Override
    public void close() throws IOException {
        mark.close();
        WholeOutput.delete(partial);
    }

    private static FileChannel lock(Path partial) throws IOException {
        var create = StandardOpenOption.CREATE;
        var mark = FileChannel.open(partial.resolve(MARK), create, StandardOpenOption.WRITE);
        try {
            if (mark.tryLock() != null) {
                return mark;
            }
        } catch (OverlappingFileLockException e) {
            // held by this very process: told below
        }
        mark.close();
        throw new UserError(partial + ": expected none, found that of an export which still runs");
    }
}
