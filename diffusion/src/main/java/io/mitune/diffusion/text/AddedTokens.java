package io.mitune.diffusion.text;

import java.util.Comparator;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Tokens that are cut out of a text whole, before it is split into words. Immutable. */
final class AddedTokens {
    private static final Pattern NOTHING = Pattern.compile("(?!)");

    private final Map<String, Integer> ids;
    private final Pattern pattern;

    AddedTokens(Map<String, Integer> ids) {
        this.ids = Map.copyOf(ids);
        pattern =
                ids.isEmpty()
                        ? NOTHING
                        : Pattern.compile(
                                ids.keySet().stream()
                                        .sorted(
                                                Comparator.comparingInt(String::length)
                                                        .reversed()
                                                        .thenComparing(Comparator.naturalOrder()))
                                        .map(Pattern::quote)
                                        .collect(Collectors.joining("|")));
    }

    /** Hands over, in order, the ids of these tokens and the text between them. */
    void split(String text, BooleanSupplier full, IntConsumer id, Consumer<String> between) {
        int from = 0;
        var tokens = pattern.matcher(text);
        while (!full.getAsBoolean() && tokens.find()) {
            between.accept(text.substring(from, tokens.start()));
            id.accept(ids.get(tokens.group()));
            from = tokens.end();
        }
        between.accept(text.substring(from));
    }
}
