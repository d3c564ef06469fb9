package io.mitune.app.docs;

import io.mitune.app.CommandLines;
import io.mitune.app.cli.OfficialNames;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;

/**
 * A command line as it stands in a page of the documentation. Immutable.
 *
 * @param page where
 * @param line counted from 1
 * @param text the whole line, continuations joined, as a shell would get it
 * @param words of the {@code mitune} command in it, without its name; empty for another program
 * @param inBlock whether it is in a block of commands, which must be complete, or within a sentence
 * @param mark why it is not executed, if it is not
 */
record DocCommand(
        Path page,
        int line,
        String text,
        List<String> words,
        boolean inBlock,
        Optional<DocMark> mark) {
    private static final Pattern QUOTED = Pattern.compile("'[^']*'|\"[^\"]*\"");

    /**
     * Whether it is to be executed, unless marked: what stands in a sentence is, too, if it begins
     * with {@code ./mitune} and is complete; without the {@code ./} it is only a name.
     */
    boolean isMeantToRun() {
        if (inBlock || words.isEmpty()) {
            return true;
        }
        return text.startsWith("./mitune") && isComplete();
    }

    private boolean isComplete() {
        try {
            CommandLines.create().parseArgs(OfficialNames.toOurs(words.toArray(String[]::new)));
            return true;
        } catch (MissingParameterException e) {
            return false;
        } catch (ParameterException e) {
            return true; // whoever executes it will say what is wrong
        }
    }

    /** Whether the whole line is one mitune command, without anything that needs a shell. */
    boolean isPlain() {
        var bare = QUOTED.matcher(text).replaceAll("").replaceFirst(" #.*", "");
        return text.startsWith("./mitune") && !bare.matches(".*[|;&<>$].*");
    }

    @Override
    public String toString() {
        return page.getFileName() + ":" + line + ": " + text.lines().findFirst().orElseThrow();
    }
}
