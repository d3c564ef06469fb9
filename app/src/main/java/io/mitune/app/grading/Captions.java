package io.mitune.app.grading;

import io.mitune.app.grading.Scene.Item;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads the four kinds of captions that the drawn scenes have.
 *
 * <p>"a red circle", "a red circle and a blue ring", "a red circle above a blue ring", "three red
 * circles". Anything else is not a drawn scene, and cannot be graded. Stateless.
 */
final class Captions {
    private static final int MAX_CHARS = 100;
    private static final List<String> NUMBERS = List.of("one", "two", "three", "four");

    private Captions() {}

    static Optional<Scene> parse(String caption) {
        if (caption.length() > MAX_CHARS) {
            return Optional.empty();
        }
        var words = caption.toLowerCase(Locale.ROOT).strip().replaceAll("\\s+", " ");
        for (var relation : Relation.values()) {
            var sides = words.split(" " + relation.words() + " ", -1);
            if (sides.length == 2) {
                return both(sides, (a, b) -> Scene.related(a, relation, b));
            }
        }
        var sides = words.split(" and ", -1);
        if (sides.length == 2) {
            return both(sides, Scene::pair);
        }
        return single(words).map(Scene::single).or(() -> counted(words));
    }

    private interface Pairing {
        Scene of(Item first, Item second);
    }

    private static Optional<Scene> both(String[] sides, Pairing pairing) {
        return single(sides[0]).flatMap(a -> single(sides[1]).map(b -> pairing.of(a, b)));
    }

    private static Optional<Item> single(String words) {
        var parts = words.split(" ");
        if (parts.length != 3 || !(parts[0].equals("a") || parts[0].equals("an"))) {
            return Optional.empty();
        }
        return item(parts[1], parts[2], ObjectShape::named);
    }

    private static Optional<Scene> counted(String words) {
        var parts = words.split(" ");
        var count = NUMBERS.indexOf(parts[0]) + 1;
        if (parts.length != 3 || count == 0) {
            return Optional.empty();
        }
        Function<String, Optional<ObjectShape>> shape =
                count == 1 ? ObjectShape::named : ObjectShape::namedPlural;
        return item(parts[1], parts[2], shape).map(item -> Scene.counted(count, item));
    }

    private static Optional<Item> item(
            String color, String shape, Function<String, Optional<ObjectShape>> shapes) {
        return ObjectColor.named(color).flatMap(c -> shapes.apply(shape).map(s -> new Item(c, s)));
    }
}
