package io.mitune.streams.curator;

import io.mitune.schemas.CuratedSample;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Goes over all that one policy would keep of a round and drops what its rules for whole rounds
 * forbid.
 *
 * <p>The order is by priority, then promptId, then rank, so the outcome is a function of the set of
 * choices. What is dropped is not replaced by a runner-up of the same prompt. Pure.
 *
 * @param policy one with rules for whole rounds
 */
record RoundCuration(CurationPolicy policy) {
    private static final Comparator<Choice> ORDER =
            Comparator.comparingDouble(Choice::priority)
                    .reversed()
                    .thenComparing(c -> c.sample().getPromptId())
                    .thenComparingInt(c -> c.sample().getRank());

    /** The round's records, by promptId and rank. */
    List<CuratedSample> of(Collection<Choice> choices) {
        var sweep = new Sweep();
        Map<String, List<Verdict>> byPrompt = new TreeMap<>();
        choices.stream()
                .sorted(ORDER)
                .map(sweep::judge)
                .forEach(
                        v ->
                                byPrompt.computeIfAbsent(
                                                v.choice().sample().getPromptId(),
                                                id -> new ArrayList<>())
                                        .add(v));
        return byPrompt.values().stream().flatMap(v -> records(v).stream()).toList();
    }

    /**
     * @param reason what is added to the reason of one that stays, or why the other goes
     */
    private record Verdict(Choice choice, boolean stays, String reason) {}

    /** The state of one pass over the round. */
    private final class Sweep {
        private final Map<String, Integer> count = new HashMap<>();
        private final List<Choice> kept = new ArrayList<>();

        Verdict judge(Choice choice) {
            if (!choice.isKept()) {
                return new Verdict(choice, false, choice.sample().getReason());
            }
            var category = choice.sample().getCategory();
            int place = count.getOrDefault(category, 0) + 1;
            var quota = policy.round().quota(category);
            if (quota.isPresent() && place > quota.getAsInt()) {
                return new Verdict(
                        choice,
                        false,
                        "dropped: the quota of %d for category '%s' is full"
                                .formatted(quota.getAsInt(), category));
            }
            var nearest = policy.round().similarity() ? nearest(choice) : Optional.<Near>empty();
            double most = policy.rule().maxSimilarity().orElse(1);
            if (nearest.filter(n -> n.similarity() > most).isPresent()) {
                return new Verdict(
                        choice,
                        false,
                        Numbers.text(
                                "dropped: similarity %.4f to %s, expected at most %.4f",
                                nearest.get().similarity(), nearest.get().candidateId(), most));
            }
            count.put(category, place);
            kept.add(choice);
            var text = new StringBuilder();
            quota.ifPresent(
                    q -> text.append("; %d of at most %d in its category".formatted(place, q)));
            nearest.ifPresent(
                    n ->
                            text.append(
                                    Numbers.text(
                                            "; similarity in the round %.4f, at most %.4f",
                                            n.similarity(), most)));
            return new Verdict(choice, true, text.toString());
        }

        private Optional<Near> nearest(Choice choice) {
            Near nearest = null;
            for (var other : kept) {
                if (choice.sketch().isComparable(other.sketch())) {
                    double similarity = choice.sketch().cosine(other.sketch());
                    if (nearest == null || similarity > nearest.similarity()) {
                        nearest = new Near(other.sample().getCandidateId(), similarity);
                    }
                }
            }
            return Optional.ofNullable(nearest);
        }
    }

    private record Near(String candidateId, double similarity) {}

    /** The records of one prompt, whose ranks close up. */
    private static List<CuratedSample> records(List<Verdict> verdicts) {
        var byRank = new ArrayList<>(verdicts);
        byRank.sort(Comparator.comparingInt(v -> v.choice().sample().getRank()));
        var stay = byRank.stream().filter(Verdict::stays).toList();
        if (stay.isEmpty()) {
            var first = byRank.get(0);
            var about = CuratedSample.newBuilder(first.choice().sample());
            return List.of(Choice.nothing(about, first.reason()));
        }
        var records = new ArrayList<CuratedSample>();
        for (var v : stay) {
            var sample = v.choice().sample();
            records.add(
                    CuratedSample.newBuilder(sample)
                            .setRank(records.size())
                            .setKept(stay.size())
                            .setReason(sample.getReason() + v.reason())
                            .build());
        }
        return records;
    }
}
