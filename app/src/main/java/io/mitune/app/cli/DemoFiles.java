package io.mitune.app.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** The demo model and its prompts, which the project ships: defaults that work. Stateless. */
public final class DemoFiles {
    private DemoFiles() {}

    /**
     * A file or folder below demo; the launcher says where the project is.
     *
     * @throws UserError when it is not there
     */
    public static Path of(String name) {
        var path = Path.of(System.getProperty("mitune.home", ".")).resolve("demo").resolve(name);
        if (!Files.exists(path)) {
            throw new UserError(path + ": expected the demo's files there, found none");
        }
        return path;
    }
}
