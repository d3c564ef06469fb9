package io.mitune.app.cli;

import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What the user probably meant by a word that no option or command has. Stateless. */
final class CommandHints {
    private CommandHints() {}

    /** What is wrong, with a hint such as "; did you mean --seed". */
    static String of(ParameterException failure) {
        if (!(failure instanceof UnmatchedArgumentException unmatched)) {
            return failure.getMessage();
        }
        var word = unmatched.getUnmatched().isEmpty() ? "" : unmatched.getUnmatched().get(0);
        var kind = word.startsWith("-") ? "an option" : "a command or option";
        var near = unmatched.getSuggestions();
        return "expected %s of this command, found %s".formatted(kind, word)
                + (near.isEmpty() ? "" : "; did you mean " + near.get(0));
    }
}
