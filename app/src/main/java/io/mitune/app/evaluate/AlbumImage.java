package io.mitune.app.evaluate;

import java.nio.file.Path;

/**
 * One picture of a folder that {@code generate} made, and its row there. Immutable.
 *
 * @param album the folder
 * @param index over all prompts
 * @param promptIndex place of the prompt
 * @param prompt its exact text
 * @param category its label, or empty
 * @param fileName path below the folder; empty when the picture broke down
 * @param mi its score; NaN when it has none
 */
record AlbumImage(
        Path album,
        int index,
        int promptIndex,
        String prompt,
        String category,
        String fileName,
        double mi) {

    Path file() {
        return album.resolve(fileName);
    }

    /** The file's name alone. */
    String name() {
        return fileName.substring(fileName.lastIndexOf('/') + 1);
    }
}
