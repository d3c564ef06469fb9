package io.mitune.app;

import io.mitune.app.generate.GenerateCommand;
import io.mitune.app.stream.CurateCommand;
import io.mitune.app.stream.PublishCommand;
import io.mitune.app.stream.TapCommand;
import io.mitune.app.stream.TopicsCommand;
import java.util.List;

/** The list of sub-commands, in the order of the help. */
final class Commands {
    private Commands() {}

    /** New command objects; each knows its own name. */
    static List<Object> all() {
        return List.of(
                new GenerateCommand(),
                new PublishCommand(),
                new CurateCommand(),
                new TopicsCommand(),
                new TapCommand());
    }
}
