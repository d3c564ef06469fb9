package io.mitune.app.docs;

import java.nio.file.Path;
import java.util.List;

/**
 * A command line as it stands in a page of the documentation. Immutable.
 *
 * @param page where
 * @param line counted from 1
 * @param text the whole line, continuations joined, as a shell would get it
 * @param words of the {@code mitune} command in it, without its name; empty for another program
 * @param inBlock whether it is in a block of commands, which must be complete, or within a sentence
 * @param runs whether the block is marked to be executed
 */
record DocCommand(
        Path page, int line, String text, List<String> words, boolean inBlock, boolean runs) {
    @Override
    public String toString() {
        return page.getFileName() + ":" + line + ": " + text;
    }
}
