package io.mitune.app.tap;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.app.cli.Words;
import io.mitune.app.tap.FilterLexer.Kind;
import io.mitune.app.tap.FilterLexer.Token;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which records to show: a small language of comparisons.
 *
 * <pre>
 * filter     = conjunction { "or" conjunction }
 * conjunction= term { "and" term }
 * term       = "not" term | "(" filter ")" | FLAG-FIELD | FIELD operator value
 * operator   = "=" | "!=" | "&lt;" | "&lt;=" | "&gt;" | "&gt;=" | "contains" | "~"
 * value      = number | word | "quoted" | 'quoted' | "null" | "true" | "false"
 * </pre>
 *
 * {@code ~} is "contains, whatever the case". A comparison with a field that a record does not have
 * is false, but for {@code = null}; {@code !=} is always the contrary of {@code =}. There is
 * nothing that loops or is looked up, so a filter from outside costs its length. Immutable.
 */
public final class Filter {
    /** Shows everything. */
    public static final Filter ALL = new Filter(record -> true);

    private static final int MAX_DEPTH = 50;

    private final Predicate<JsonNode> test;

    private Filter(Predicate<JsonNode> test) {
        this.test = test;
    }

    /**
     * Compiles a filter.
     *
     * @param fields what records have, see {@link FieldKind#of}
     * @param now what times such as {@code -PT10M} count from
     */
    static Filter compile(String text, Map<String, FieldKind> fields, Instant now) {
        return text.isBlank() ? ALL : new Filter(new Parser(text, fields, now).whole());
    }

    /** Whether a record, as {@link TapRecords} writes it, is to be shown. */
    public boolean shows(JsonNode record) {
        return test.test(record);
    }

    private static final class Parser {
        private final List<Token> tokens;
        private final Map<String, FieldKind> fields;
        private final Instant now;
        private int next;
        private int depth;

        private Parser(String text, Map<String, FieldKind> fields, Instant now) {
            tokens = FilterLexer.tokens(text);
            this.fields = fields;
            this.now = now;
        }

        private Predicate<JsonNode> whole() {
            var filter = disjunction();
            if (peek().kind() != Kind.END) {
                throw unexpected("and, or, or the end");
            }
            return filter;
        }

        private Predicate<JsonNode> disjunction() {
            var left = conjunction();
            while (peek().isWord("or")) {
                next++;
                left = left.or(conjunction());
            }
            return left;
        }

        private Predicate<JsonNode> conjunction() {
            var left = term();
            while (peek().isWord("and")) {
                next++;
                left = left.and(term());
            }
            return left;
        }

        private Predicate<JsonNode> term() {
            if (++depth > MAX_DEPTH) {
                throw unexpected("at most " + MAX_DEPTH + " levels of not and parentheses");
            }
            try {
                if (peek().isWord("not")) {
                    next++;
                    return term().negate();
                }
                if (peek().kind() == Kind.OPEN) {
                    next++;
                    var inner = disjunction();
                    if (peek().kind() != Kind.CLOSE) {
                        throw unexpected("and, or, or )");
                    }
                    next++;
                    return inner;
                }
                return comparison();
            } finally {
                depth--;
            }
        }

        private Predicate<JsonNode> comparison() {
            var path = peek();
            if (path.kind() != Kind.WORD) {
                throw unexpected("a field, not or (");
            }
            var kind = kindOf(path);
            next++;
            var operator = peek();
            var isOperator = operator.kind() == Kind.OPERATOR || operator.isWord("contains");
            if (!isOperator && kind == FieldKind.FLAG) {
                return new Comparison(path.text(), kind, now).isTrue();
            }
            if (!isOperator) {
                throw unexpected("one of = != < <= > >= contains ~");
            }
            next++;
            var value = peek();
            if (value.kind() != Kind.WORD && value.kind() != Kind.QUOTED) {
                throw unexpected("a value");
            }
            next++;
            return new Comparison(path.text(), kind, now).with(operator, value);
        }

        private FieldKind kindOf(Token path) {
            var kind = fields.get(path.text());
            if (kind != null) {
                return kind;
            }
            var dot = path.text().indexOf('.');
            if (dot > 0 && fields.get(path.text().substring(0, dot)) == FieldKind.MAP) {
                return FieldKind.MAP;
            }
            var near =
                    fields.keySet().stream()
                            .min(Comparator.comparingInt(f -> Words.distance(f, path.text())))
                            .filter(f -> Words.distance(f, path.text()) <= 2);
            throw new FilterException(
                    path.position(),
                    "a field",
                    path.text()
                            + near.map(f -> "; did you mean " + f).orElse("")
                            + "; fields are "
                            + String.join(", ", fields.keySet()));
        }

        private Token peek() {
            return tokens.get(next);
        }

        private FilterException unexpected(String expected) {
            return new FilterException(peek().position(), expected, peek().shown());
        }
    }
}
