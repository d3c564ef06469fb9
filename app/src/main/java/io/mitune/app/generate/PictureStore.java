package io.mitune.app.generate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** How pictures lie in the output folder; {@link Album} says which are there. */
interface PictureStore {
    /** What the option that chooses this form calls it. */
    String type();

    /**
     * Called once, before all others.
     *
     * @param complete whether the metadata tells of all pictures
     */
    void open(GenerateSettings settings, boolean complete) throws IOException;

    /** Whether the picture's file is there and whole. */
    boolean holds(int image) throws IOException;

    /** Writes a picture whole or not at all and says where, as a path below the folder. */
    String put(int image, Picture picture, ObjectNode row) throws IOException;

    /** Called when all pictures are there. */
    void finish() throws IOException;

    /** Whether pictures need decoding. */
    boolean needsImages();
}
