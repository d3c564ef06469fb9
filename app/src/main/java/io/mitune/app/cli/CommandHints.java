package io.mitune.app.cli;

import java.util.List;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What the user probably meant by a word that no option or command has. Stateless. */
final class CommandHints {
    private CommandHints() {}

    /** A hint such as "; did you mean --seed", or nothing. */
    static String of(ParameterException failure, String[] args) {
        if (!(failure instanceof UnmatchedArgumentException unmatched) || args.length == 0) {
            return "";
        }
        List<String> near = unmatched.getSuggestions();
        return near.isEmpty() ? "" : "; did you mean " + ErrorLine.clean(near.get(0));
    }
}
