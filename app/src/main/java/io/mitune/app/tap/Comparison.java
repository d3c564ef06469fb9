package io.mitune.app.tap;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.app.log.StartAt;
import io.mitune.app.tap.FilterLexer.Kind;
import io.mitune.app.tap.FilterLexer.Token;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * One comparison of a field with a value, made ready once. Immutable.
 *
 * <p>Numbers are compared as numbers (64-bit integers exactly: seeds do not fit a double), times as
 * times, the rest by characters.
 */
record Comparison(String path, FieldKind kind, Instant now) {
    private static final Map<String, IntPredicate> ORDER =
            Map.of(
                    "=", c -> c == 0,
                    "==", c -> c == 0,
                    "!=", c -> c == 0,
                    "<", c -> c < 0,
                    "<=", c -> c <= 0,
                    ">", c -> c > 0,
                    ">=", c -> c >= 0);

    Predicate<JsonNode> isTrue() {
        return record -> field(record).filter(JsonNode::asBoolean).isPresent();
    }

    Predicate<JsonNode> with(Token operator, Token value) {
        var positive = positive(operator, value);
        return operator.text().equals("!=") ? positive.negate() : positive;
    }

    private Predicate<JsonNode> positive(Token operator, Token value) {
        var order = ORDER.get(operator.text());
        if (order == null) {
            return containing(operator.text().equals("~"), value.text());
        }
        if (value.kind() == Kind.WORD && value.text().equals("null")) {
            if (!order.test(0) || operator.text().length() > 1 && !isEquality(operator)) {
                throw new FilterException(
                        operator.position(), "= or != with null", operator.text());
            }
            return record -> field(record).isEmpty();
        }
        var compare = comparing(value);
        return record -> field(record).flatMap(compare).filter(order::test).isPresent();
    }

    private static boolean isEquality(Token operator) {
        return operator.text().equals("==") || operator.text().equals("!=");
    }

    /** How a field's value stands to this one; nothing where they cannot be compared. */
    private Function<JsonNode, Optional<Integer>> comparing(Token value) {
        return switch (kind) {
            case NUMBER -> numbers(value);
            case TIME -> times(value);
            case FLAG -> flags(value);
            case LIST ->
                    throw new FilterException(
                            value.position(), "contains or ~ with the list " + path, value.shown());
            case MAP -> either(value);
            case TEXT -> node -> Optional.of(node.asText().compareTo(value.text()));
        };
    }

    private Function<JsonNode, Optional<Integer>> numbers(Token value) {
        try {
            return value.text().matches("[+-]?\\d{1,18}")
                    ? against(Long.parseLong(value.text()))
                    : against(Double.parseDouble(value.text()));
        } catch (NumberFormatException e) {
            throw new FilterException(value.position(), "a number for " + path, value.shown());
        }
    }

    private static Function<JsonNode, Optional<Integer>> against(long value) {
        return node ->
                node.isIntegralNumber()
                        ? Optional.of(Long.compare(node.longValue(), value))
                        : against((double) value).apply(node);
    }

    private static Function<JsonNode, Optional<Integer>> against(double value) {
        return node ->
                node.isNumber()
                        ? Optional.of(compare(node.doubleValue(), value))
                        : Optional.empty();
    }

    /** Zero and minus zero are the same number here. */
    private static int compare(double a, double b) {
        return a == b ? 0 : Double.compare(a, b);
    }

    private Function<JsonNode, Optional<Integer>> times(Token value) {
        var time =
                StartAt.time(value.text(), now)
                        .orElseThrow(
                                () ->
                                        new FilterException(
                                                value.position(),
                                                "a time such as 2026-01-31T12:00:00Z or -PT10M",
                                                value.shown()));
        return node -> {
            try {
                return Optional.of(Instant.parse(node.asText()).compareTo(time));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        };
    }

    private Function<JsonNode, Optional<Integer>> flags(Token value) {
        if (!value.text().matches("true|false")) {
            throw new FilterException(value.position(), "true or false", value.shown());
        }
        var flag = Boolean.parseBoolean(value.text());
        return node -> Optional.of(Boolean.compare(node.asBoolean(), flag));
    }

    /** Entries of a map are numbers or texts, which only the record says. */
    private Function<JsonNode, Optional<Integer>> either(Token value) {
        Function<JsonNode, Optional<Integer>> number;
        try {
            number = numbers(value);
        } catch (FilterException e) {
            number = node -> Optional.empty();
        }
        var asNumber = number;
        return node ->
                node.isNumber()
                        ? asNumber.apply(node)
                        : Optional.of(node.asText().compareTo(value.text()));
    }

    private Predicate<JsonNode> containing(boolean anyCase, String value) {
        var wanted = anyCase ? value.toLowerCase(Locale.ROOT) : value;
        return record ->
                field(record)
                        .filter(
                                node ->
                                        node.isArray()
                                                ? hasItem(node, wanted, anyCase)
                                                : text(node, anyCase).contains(wanted))
                        .isPresent();
    }

    private static boolean hasItem(JsonNode list, String wanted, boolean anyCase) {
        for (var item : list) {
            if (text(item, anyCase).equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private static String text(JsonNode node, boolean anyCase) {
        return anyCase ? node.asText().toLowerCase(Locale.ROOT) : node.asText();
    }

    private Optional<JsonNode> field(JsonNode record) {
        var node = FieldPath.in(record, path);
        return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node);
    }
}
