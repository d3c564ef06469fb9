package io.mitune.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that a command writes at its end, tried at its beginning. Stateless. */
public final class OutputFile {
    private OutputFile() {}

    /** Makes the folder that it goes to; an error where nothing can be written. */
    public static void prepare(Path file) {
        var folder = file.toAbsolutePath().normalize().getParent();
        if (folder == null || Files.isDirectory(file)) {
            throw new UserError(file + ": expected a file to write, found a folder");
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UserError(folder + ": expected a folder to write to; " + ErrorLine.of(e), e);
        }
        if (!Files.isWritable(Files.exists(file) ? file : folder)) {
            throw new UserError(file + ": permission denied");
        }
    }
}
