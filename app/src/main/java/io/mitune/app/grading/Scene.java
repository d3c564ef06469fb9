package io.mitune.app.grading;

import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What a caption of a drawn scene asks for. Immutable.
 *
 * @param category kind of caption, the rows of an accuracy table
 * @param items the objects, in the caption's order; equal ones are repeated
 * @param relation where the first lies as seen from the second; only for {@link Category#SPATIAL}
 */
public record Scene(Category category, List<Item> items, Optional<Relation> relation) {

    /** Kinds of captions. */
    public enum Category {
        SINGLE("single"),
        COLORS("colours"),
        SPATIAL("spatial"),
        NUMERACY("numeracy");

        private final String title;

        Category(String title) {
            this.title = title;
        }

        /** Its name in tables. */
        public String title() {
            return title;
        }
    }

    /** One object: a shape in a colour. */
    public record Item(ObjectColor color, ObjectShape shape) {}

    /** Copies the items. */
    public Scene {
        items = List.copyOf(items);
    }

    /** The scene that this caption describes, or empty when it is not such a caption. */
    public static Optional<Scene> parse(String caption) {
        return Captions.parse(caption);
    }

    static Scene single(Item item) {
        return new Scene(Category.SINGLE, List.of(item), Optional.empty());
    }

    static Scene pair(Item first, Item second) {
        return new Scene(Category.COLORS, List.of(first, second), Optional.empty());
    }

    static Scene related(Item first, Relation relation, Item second) {
        return new Scene(Category.SPATIAL, List.of(first, second), Optional.of(relation));
    }

    static Scene counted(int count, Item item) {
        return new Scene(Category.NUMERACY, Collections.nCopies(count, item), Optional.empty());
    }
}
