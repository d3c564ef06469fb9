package io.mitune.app.tap;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Splits a filter into words, quoted texts, operators and parentheses. Pure. */
final class FilterLexer {
    /** What a token is. */
    enum Kind {
        WORD,
        QUOTED,
        OPERATOR,
        OPEN,
        CLOSE,
        END
    }

    /**
     * A token.
     *
     * @param text without quotes
     * @param position of its first character, from 1
     */
    record Token(Kind kind, String text, int position) {
        boolean isWord(String word) {
            return kind == Kind.WORD && text.equalsIgnoreCase(word);
        }

        String shown() {
            return switch (kind) {
                case END -> "its end";
                case QUOTED -> "\"" + text + "\"";
                default -> text;
            };
        }
    }

    private static final int MAX_CHARS = 2000;
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_.:/+@%-]+");
    private static final Pattern OPERATOR = Pattern.compile("<=|>=|!=|==|[<>=~]");

    private FilterLexer() {}

    static List<Token> tokens(String filter) {
        if (filter.length() > MAX_CHARS) {
            throw new FilterException(
                    MAX_CHARS + 1, "at most " + MAX_CHARS + " characters", "more");
        }
        var tokens = new ArrayList<Token>();
        var at = 0;
        while (at < filter.length()) {
            var space = end(SPACE, filter, at);
            if (space > at) {
                at = space;
                continue;
            }
            var token = token(filter, at);
            tokens.add(token);
            at = endOf(token, filter, at);
        }
        tokens.add(new Token(Kind.END, "", filter.length() + 1));
        return tokens;
    }

    private static Token token(String filter, int at) {
        var first = filter.charAt(at);
        if (first == '(') {
            return new Token(Kind.OPEN, "(", at + 1);
        }
        if (first == ')') {
            return new Token(Kind.CLOSE, ")", at + 1);
        }
        if (first == '"' || first == '\'') {
            return quoted(filter, at);
        }
        for (var kind : List.of(Kind.WORD, Kind.OPERATOR)) {
            var end = end(kind == Kind.WORD ? WORD : OPERATOR, filter, at);
            if (end > at) {
                return new Token(kind, filter.substring(at, end), at + 1);
            }
        }
        throw new FilterException(
                at + 1,
                "a field, a value, an operator or a parenthesis",
                Character.toString(filter.codePointAt(at)));
    }

    private static Token quoted(String filter, int at) {
        var text = new StringBuilder();
        var quote = filter.charAt(at);
        for (var i = at + 1; i < filter.length(); i++) {
            var c = filter.charAt(i);
            if (c == quote) {
                return new Token(Kind.QUOTED, text.toString(), at + 1);
            }
            if (c == '\\' && i + 1 < filter.length()) {
                i++;
            }
            text.append(filter.charAt(i));
        }
        throw new FilterException(at + 1, "a closing " + quote, "its end");
    }

    private static int endOf(Token token, String filter, int at) {
        if (token.kind() != Kind.QUOTED) {
            return at + token.text().length();
        }
        var quote = filter.charAt(at);
        for (var i = at + 1; ; i++) {
            if (filter.charAt(i) == '\\') {
                i++;
            } else if (filter.charAt(i) == quote) {
                return i + 1;
            }
        }
    }

    private static int end(Pattern pattern, String filter, int at) {
        var matcher = pattern.matcher(filter).region(at, filter.length());
        return matcher.lookingAt() ? matcher.end() : at;
    }
}
