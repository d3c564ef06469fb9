package io.mitune.app.deploy;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.mitune.app.CommandLines;
import java.util.List;

/** Whether the program knows the commands and options that a deployment file uses. */
final class CommandWords {
    private CommandWords() {}

    static void check(String where, List<String> words) {
        var line = CommandLines.create();
        for (var word : words) {
            if (line.getSubcommands().containsKey(word)) {
                line = line.getSubcommands().get(word);
            } else if (word.startsWith("--")) {
                assertNotNull(
                        line.getCommandSpec().findOption(word),
                        where + ": " + line.getCommandName() + " has no option " + word);
            }
        }
        assertNotNull(line.getParent(), where + ": no command in " + words);
    }

    /** What an option is when it is not given. */
    static String defaultOf(String command, String option) {
        var line = CommandLines.create().getSubcommands().get(command);
        return line.getCommandSpec().findOption(option).defaultValue();
    }
}
