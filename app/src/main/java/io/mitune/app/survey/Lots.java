package io.mitune.app.survey;

import io.mitune.schemas.Identity;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Chance that anybody can draw again: an order by hashes of what is ordered.
 *
 * <p>Unlike a shuffle by a generator's numbers, the order of two things does not change when a
 * third one comes or goes, so a voter keeps questions and places when a survey grows. Stateless.
 */
final class Lots {
    private static final int DIGITS = 32;

    private record Drawn<T>(String lot, T item) {}

    private Lots() {}

    /** First 32 hex digits of SHA-256 over the parts, each of which ends with a line feed. */
    static String draw(List<String> parts) {
        var text = String.join("\n", parts) + "\n";
        return Identity.sha256(text.getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS);
    }

    /** These in an order that follows from the seed and their names. */
    static <T> List<T> shuffled(List<T> items, Function<T, String> name, String... seed) {
        return items.stream()
                .map(item -> new Drawn<>(draw(parts(seed, name.apply(item))), item))
                .sorted(Comparator.comparing(Drawn::lot))
                .map(Drawn::item)
                .toList();
    }

    private static List<String> parts(String[] seed, String name) {
        return Stream.concat(Stream.of(seed), Stream.of(name)).toList();
    }
}
