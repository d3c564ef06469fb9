package io.mitune.schemas.blobs;

import java.io.IOException;
import java.nio.file.FileSystemException;

/** Why something failed, as the end of a line. Stateless. */
final class Reason {
    private Reason() {}

    static String of(IOException e) {
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        return e.getClass().getSimpleName()
                + (e.getMessage() == null ? "" : " " + printable(e.getMessage()));
    }

    static String printable(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 200 ? clean : clean.substring(0, 200) + "...";
    }
}
