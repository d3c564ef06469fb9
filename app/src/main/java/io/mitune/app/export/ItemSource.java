package io.mitune.app.export;

import io.mitune.schemas.blobs.BlobException;

/** What there is to export, in its order. */
interface ItemSource {
    int count();

    /** What the user knows an item by, also when it cannot be had. */
    String id(int index);

    /**
     * Fetches an item.
     *
     * @throws BlobException in one line, when a part of it is missing or damaged
     */
    Item item(int index);
}
