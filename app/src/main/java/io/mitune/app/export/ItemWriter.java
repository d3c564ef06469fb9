package io.mitune.app.export;

import java.io.Closeable;
import java.io.IOException;

/** Writes items in one format; {@link #close} completes the files. Belongs to one thread. */
interface ItemWriter extends Closeable {
    void add(Item item) throws IOException;
}
