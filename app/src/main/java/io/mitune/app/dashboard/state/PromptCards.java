package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The cards of all prompts that are not too old, and which of them changed.
 *
 * <p>Beyond the limit the oldest go, those that are done first: the log still has them. Not
 * thread-safe.
 */
final class PromptCards {
    private static final Comparator<PromptCard> NEWEST_FIRST =
            Comparator.comparing(PromptCard::started)
                    .thenComparingLong(PromptCard::time)
                    .reversed()
                    .thenComparing(PromptCard::id);
    private static final Comparator<PromptCard> FIRST_TO_GO =
            Comparator.comparing(PromptCard::open).thenComparingLong(PromptCard::time);

    private final int limit;
    private final Map<String, PromptCard> cards = new HashMap<>();
    private Set<String> changed = new LinkedHashSet<>();

    PromptCards(int limit) {
        this.limit = limit;
    }

    /** The card to change; made when it is not there. */
    PromptCard change(String run, String promptId, int round) {
        if (cards.size() > limit + limit / 8) {
            forgetOldest();
        }
        var id = PromptCard.key(Json.cut(run), promptId, round);
        changed.add(id);
        return cards.computeIfAbsent(id, i -> new PromptCard(Json.cut(run), promptId, round));
    }

    /** Two runs may hold the same prompt: without a run any of them. */
    Optional<PromptCard> find(String run, String promptId, int round) {
        return run.isEmpty()
                ? listed().filter(card -> card.is(promptId, round)).findFirst()
                : Optional.ofNullable(cards.get(PromptCard.key(run, promptId, round)));
    }

    /** Prompts for whom candidates were drawn, the last begun first, then those that wait. */
    List<PromptCard> newest(int from, int count) {
        return listed().sorted(NEWEST_FIRST).skip(from).limit(count).toList();
    }

    /** The ids that changed since the last call. */
    Set<String> takeChanged() {
        var taken = changed;
        changed = new LinkedHashSet<>();
        return taken;
    }

    int size() {
        return (int) listed().count();
    }

    private Stream<PromptCard> listed() {
        return cards.values().stream().filter(PromptCard::listed);
    }

    ObjectNode counts() {
        var object = Json.object().put("known", size());
        object.put("open", cards.values().stream().filter(PromptCard::open).count());
        object.put("started", started().filter(PromptCard::open).count());
        return object.put("remaining", remaining());
    }

    /** Candidates still to come. */
    long remaining() {
        return cards.values().stream().mapToLong(PromptCard::remaining).sum();
    }

    private Stream<PromptCard> started() {
        return cards.values().stream().filter(PromptCard::started);
    }

    private void forgetOldest() {
        cards.values().stream()
                .sorted(FIRST_TO_GO)
                .limit(cards.size() - limit)
                .toList()
                .forEach(card -> cards.remove(card.id()));
        changed.retainAll(cards.keySet());
    }
}
