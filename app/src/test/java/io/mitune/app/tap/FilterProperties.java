package io.mitune.app.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.mitune.schemas.Candidate;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Filters mean what they say, whatever they say, and nothing from outside breaks them. */
class FilterProperties {
    private static final Map<String, FieldKind> FIELDS =
            FieldKind.of(Optional.of(Candidate.getClassSchema()));

    /** A filter as text, and beside it what it means, made without the parser. */
    record Said(String text, Predicate<Row> means) {}

    /** What the filters look at. */
    record Row(int index, double mi, String category) {
        JsonNode json() {
            var json = JsonNodeFactory.instance.objectNode();
            json.putObject("value").put("index", index).put("mi", mi).put("category", category);
            return json;
        }
    }

    @Property(tries = 500)
    void meansWhatItSays(@ForAll("filters") Said said, @ForAll("rows") Row row) {
        var filter = Filter.compile(said.text(), FIELDS, Instant.EPOCH);
        assertEquals(said.means().test(row), filter.shows(row.json()), said.text());
    }

    @Property(tries = 1000)
    void anyTextIsAFilterOrToldAsOneLine(@ForAll("scrawl") String text, @ForAll("rows") Row row) {
        try {
            Filter.compile(text, FIELDS, Instant.EPOCH).shows(row.json());
        } catch (FilterException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
    }

    @Provide
    Arbitrary<String> scrawl() {
        var words =
                Arbitraries.of(
                        "mi",
                        "index",
                        "category",
                        "and",
                        "or",
                        "not",
                        "(",
                        ")",
                        "=",
                        "!=",
                        "<",
                        ">=",
                        "~",
                        "contains",
                        "null",
                        "3",
                        "-1e400",
                        "\"a",
                        "'b'",
                        "\\",
                        "é",
                        "createdAt",
                        "-PT1M",
                        "headers.x",
                        "timesteps",
                        " ",
                        "\u0000",
                        "1e9999");
        return words.list().ofMaxSize(12).map(list -> String.join(" ", list));
    }

    @Provide
    Arbitrary<Row> rows() {
        return Combinators.combine(numbers(), numbers(), categories())
                .as((index, mi, category) -> new Row(index, mi, category));
    }

    @Provide
    Arbitrary<Said> filters() {
        return filters(5);
    }

    private Arbitrary<Said> filters(int depth) {
        if (depth == 0) {
            return comparisons();
        }
        var inner = filters(depth - 1);
        return Arbitraries.oneOf(
                comparisons(),
                inner.map(f -> new Said("not " + closed(f), f.means().negate())),
                Combinators.combine(inner, inner)
                        .as(
                                (a, b) ->
                                        new Said(
                                                closed(a) + " and " + closed(b),
                                                a.means().and(b.means()))),
                Combinators.combine(inner, inner)
                        .as(
                                (a, b) ->
                                        new Said(
                                                closed(a) + " or " + closed(b),
                                                a.means().or(b.means()))));
    }

    private static String closed(Said filter) {
        return "(" + filter.text() + ")";
    }

    private Arbitrary<Said> comparisons() {
        var ofNumber =
                Combinators.combine(
                                Arbitraries.of("index", "mi"),
                                Arbitraries.of("=", "!=", "<", "<=", ">", ">="),
                                numbers())
                        .as(FilterProperties::ofNumber);
        var ofText =
                Combinators.combine(Arbitraries.of("=", "!="), categories())
                        .as(
                                (operator, text) ->
                                        new Said(
                                                "category " + operator + " '" + text + "'",
                                                row ->
                                                        row.category().equals(text)
                                                                == operator.equals("=")));
        return Arbitraries.oneOf(ofNumber, ofText);
    }

    private static Said ofNumber(String field, String operator, int value) {
        return new Said(
                field + operator + value,
                row -> {
                    var found = field.equals("mi") ? row.mi() : row.index();
                    return switch (operator) {
                        case "=" -> found == value;
                        case "!=" -> found != value;
                        case "<" -> found < value;
                        case "<=" -> found <= value;
                        case ">" -> found > value;
                        default -> found >= value;
                    };
                });
    }

    private static Arbitrary<Integer> numbers() {
        return Arbitraries.integers().between(-3, 3);
    }

    private static Arbitrary<String> categories() {
        return Arbitraries.of("", "color", "shape");
    }
}
