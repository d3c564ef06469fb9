package io.mitune.app.docs;

import java.util.ArrayList;
import java.util.List;

/** The words of a shell line, quotes taken off: a list for each of its commands. */
final class ShellWords {
    private final List<List<String>> commands = new ArrayList<>();
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;

    private ShellWords() {}

    /** Words of the first command: up to a comment, a pipe, a redirection or the next command. */
    static List<String> of(String text) {
        var all = commands(text);
        return all.isEmpty() ? List.of() : all.get(0);
    }

    /** All commands of a line; what stands in a substitution is none of them. */
    static List<List<String>> commands(String text) {
        var reader = new ShellWords();
        reader.read(text);
        reader.endCommand();
        return List.copyOf(reader.commands);
    }

    private void read(String text) {
        var quote = '\0';
        for (var c : text.toCharArray()) {
            if (quote != '\0') {
                if (c == quote) {
                    quote = '\0';
                } else {
                    word.append(c);
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                inWord = true;
            } else if ("<>)".indexOf(c) >= 0 || c == '#' && !inWord) {
                return;
            } else if ("|;&\n".indexOf(c) >= 0) {
                endCommand();
            } else if (Character.isWhitespace(c)) {
                endWord();
            } else {
                word.append(c);
                inWord = true;
            }
        }
    }

    private void endWord() {
        if (inWord) {
            words.add(word.toString());
        }
        word.setLength(0);
        inWord = false;
    }

    private void endCommand() {
        endWord();
        if (!words.isEmpty()) {
            commands.add(List.copyOf(words));
        }
        words.clear();
    }
}
