package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The curated samples that are not too old, to be filtered and paged.
 *
 * <p>A sample that comes again replaces itself. Not thread-safe.
 */
final class Gallery {
    /** What can be filtered by. */
    static final Map<String, Function<GalleryItem, String>> FACETS =
            new TreeMap<>(
                    Map.of(
                            "category", GalleryItem::category,
                            "policy", GalleryItem::policy,
                            "adapter", item -> item.run() + " v" + item.adapter(),
                            "run", GalleryItem::run));

    private static final int MAX_VALUES = 100;

    private final int limit;
    private final Map<String, GalleryItem> items = new HashMap<>();
    private long added;

    Gallery(int limit) {
        this.limit = limit;
    }

    /** Whether it is new. */
    boolean add(GalleryItem item) {
        if (items.size() > limit + limit / 8) {
            items.values().stream()
                    .sorted(Comparator.comparingLong(GalleryItem::time))
                    .limit(items.size() - limit)
                    .toList()
                    .forEach(old -> items.remove(old.key()));
        }
        boolean isNew = items.put(item.key(), item) == null;
        added += isNew ? 1 : 0;
        return isNew;
    }

    /** Grows with each new sample, so that a page knows whether it is old. */
    long added() {
        return added;
    }

    ObjectNode page(GalleryQuery query) {
        var found = items.values().stream().filter(query::wants).toList();
        var object = Json.object().put("total", items.size()).put("found", found.size());
        object.put("added", added).put("page", query.page());
        object.put("pages", (found.size() + GalleryQuery.PAGE - 1) / GalleryQuery.PAGE);
        var list = object.putArray("items");
        found.stream()
                .sorted(query.order())
                .skip((long) query.page() * GalleryQuery.PAGE)
                .limit(GalleryQuery.PAGE)
                .forEach(item -> list.add(item.json()));
        object.set("facets", facets());
        return object;
    }

    /** What a run, or any where it is empty, kept of one prompt. */
    ArrayNode of(String run, String promptId, int round) {
        var list = Json.array();
        items.values().stream()
                .filter(item -> item.promptId().equals(promptId) && item.round() == round)
                .filter(item -> run.isEmpty() || item.run().equals(run))
                .sorted(Comparator.comparing(GalleryItem::key))
                .forEach(item -> list.add(item.json()));
        return list;
    }

    /** How many samples there are of each value of each facet. */
    private ObjectNode facets() {
        var object = Json.object();
        FACETS.forEach(
                (name, value) -> {
                    var counts = new TreeMap<String, Integer>();
                    for (var item : items.values()) {
                        var key = value.apply(item);
                        if (counts.size() < MAX_VALUES || counts.containsKey(key)) {
                            counts.merge(key, 1, Integer::sum);
                        }
                    }
                    var values = object.putObject(name);
                    counts.forEach(values::put);
                });
        return object;
    }
}
