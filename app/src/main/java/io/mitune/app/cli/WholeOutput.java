package io.mitune.app.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;

/**
 * An output file or folder that appears under its name only when it is complete.
 *
 * <p>It is written beside its place and moved there, so that a full disk or a kill leaves what was
 * there before. Stateless.
 */
public final class WholeOutput {
    /** Writes the output to the place that it is given. */
    @FunctionalInterface
    public interface Writer {
        void write(Path to) throws IOException;
    }

    private WholeOutput() {}

    /**
     * @param inputs files and folders that the output must not replace
     * @param force whether what is there already may go
     */
    public static void write(Path output, List<Path> inputs, boolean force, Writer writer)
            throws IOException {
        requireFree(output, inputs, force);
        var place = output.toAbsolutePath().normalize();
        Files.createDirectories(place.getParent());
        var partial = place.resolveSibling(place.getFileName() + ".writing");
        delete(partial);
        try {
            writer.write(partial);
            var old = place.resolveSibling(place.getFileName() + ".replaced");
            delete(old);
            if (Files.isDirectory(place)) {
                Files.move(place, old);
            }
            Files.move(partial, place, StandardCopyOption.REPLACE_EXISTING);
            delete(old);
        } finally {
            delete(partial);
        }
    }

    /** Refuses a place that {@link #write} would refuse, before hours of work. */
    public static void requireFree(Path output, List<Path> inputs, boolean force)
            throws IOException {
        var place = output.toAbsolutePath().normalize();
        if (Files.exists(place)) {
            for (var input : inputs) {
                if (input.toRealPath().startsWith(place.toRealPath())) {
                    throw new UserError(
                            output + ": expected another place than that of the input " + input);
                }
            }
            if (!force) {
                throw new UserError(output + ": exists already; --force replaces it");
            }
        }
    }

    /** Replaces a file of the program's own. */
    public static void replace(Path file, String text) throws IOException {
        replace(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Replaces a file of the program's own. */
    public static void replace(Path file, byte[] bytes) throws IOException {
        var partial = file.resolveSibling(file.getFileName() + ".partial");
        try {
            Files.write(partial, bytes);
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    /** Removes a file or a folder with all in it, if it is there; links are not followed. */
    public static void delete(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> all;
        try (var found = Files.walk(path)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (var each : all) {
            Files.delete(each);
        }
    }
}
