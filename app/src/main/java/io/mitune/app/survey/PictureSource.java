package io.mitune.app.survey;

import java.io.IOException;

/** Where a picture's PNG file comes from: a folder or the blob store. Thread-safe. */
@FunctionalInterface
interface PictureSource {
    /** The whole file, as it lies there. */
    byte[] read() throws IOException;
}
