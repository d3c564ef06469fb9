package io.mitune.app.web;

import io.mitune.app.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The token that clients must show, from the file that an option names. Stateless. */
public final class TokenFile {
    private static final int MAX_BYTES = 4096;

    private TokenFile() {}

    /**
     * @param option its name, for the error
     */
    public static String read(String option, Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new UserError(
                        "%s: expected a token of at most %d bytes, found %d"
                                .formatted(file, MAX_BYTES, Files.size(file)));
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UserError(
                    "%s %s: expected a readable file, found %s"
                            .formatted(option, file, Files.exists(file) ? e.getMessage() : "none"),
                    e);
        }
    }
}
