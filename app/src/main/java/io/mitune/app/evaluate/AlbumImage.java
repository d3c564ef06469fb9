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
 * @param run of the adapter it was drawn with; empty when that is no version of a run
 * @param adapterVersion its version; 0 when there is no such run
 * @param row its line of metadata, from which it can be drawn again
 */
public record AlbumImage(
        Path album,
        int index,
        int promptIndex,
        String prompt,
        String category,
        String fileName,
        double mi,
        String run,
        int adapterVersion,
        String row) {

    /** Where the picture is. */
    public Path file() {
        return album.resolve(fileName);
    }

    /** The file's name alone. */
    String name() {
        return fileName.substring(fileName.lastIndexOf('/') + 1);
    }
}
