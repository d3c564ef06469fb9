package io.mitune.app.docs;

import java.util.ArrayList;
import java.util.List;

/** The words of one simple shell command: quotes taken off, ended by what ends it in a shell. */
final class ShellWords {
    private ShellWords() {}

    /** Words up to a comment, a pipe, a redirection or the next command. */
    static List<String> of(String text) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        var inWord = false;
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
            } else if ("|;&<>)".indexOf(c) >= 0 || c == '#' && !inWord) {
                break;
            } else if (Character.isWhitespace(c)) {
                if (inWord) {
                    words.add(word.toString());
                }
                word.setLength(0);
                inWord = false;
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (inWord) {
            words.add(word.toString());
        }
        return List.copyOf(words);
    }
}
