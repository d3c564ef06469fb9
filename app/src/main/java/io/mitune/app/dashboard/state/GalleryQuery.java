package io.mitune.app.dashboard.state;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which curated samples to show, in what order, and which page of them. Immutable.
 *
 * @param filters field (category, policy, adapter, run) to the one value wanted
 * @param text words that the prompt must contain, in any case; empty for any prompt
 * @param sort newest, mi or margin
 * @param page from 0
 */
public record GalleryQuery(Map<String, String> filters, String text, String sort, int page) {
    /** Samples on a page. */
    static final int PAGE = 48;

    /** Orders that may be asked for. */
    public static final List<String> SORTS = List.of("newest", "mi", "margin");

    private static final Comparator<GalleryItem> BY_NAME = Comparator.comparing(GalleryItem::key);

    /** The first page of all. */
    public static final GalleryQuery FIRST = new GalleryQuery(Map.of(), "", "newest", 0);

    public GalleryQuery {
        filters = Map.copyOf(filters);
        text = text.toLowerCase(Locale.ROOT);
        if (!Gallery.FACETS.keySet().containsAll(filters.keySet())) {
            throw new IllegalArgumentException(
                    "filter: expected one of %s, found %s"
                            .formatted(Gallery.FACETS.keySet(), filters.keySet()));
        }
        if (!SORTS.contains(sort)) {
            throw new IllegalArgumentException(
                    "sort: expected one of %s, found %s".formatted(SORTS, sort));
        }
        if (page < 0 || page > 1_000_000) {
            throw new IllegalArgumentException("page: expected 0 to 1000000, found " + page);
        }
    }

    boolean wants(GalleryItem item) {
        return filters.entrySet().stream()
                        .allMatch(
                                f ->
                                        f.getValue()
                                                .equals(Gallery.FACETS.get(f.getKey()).apply(item)))
                && item.text().toLowerCase(Locale.ROOT).contains(text);
    }

    Comparator<GalleryItem> order() {
        return switch (sort) {
            case "mi" ->
                    Comparator.comparingDouble(GalleryItem::mi).reversed().thenComparing(BY_NAME);
            case "margin" ->
                    Comparator.comparingDouble(GalleryItem::margin)
                            .reversed()
                            .thenComparing(BY_NAME);
            default ->
                    Comparator.comparingLong(GalleryItem::time).reversed().thenComparing(BY_NAME);
        };
    }
}
