package io.mitune.app;

import java.util.List;

/** The list of sub-commands, in the order of the help. */
final class Commands {
    private Commands() {}

    /** New command objects; each knows its own name. */
    static List<Object> all() {
        return List.of();
    }
}
