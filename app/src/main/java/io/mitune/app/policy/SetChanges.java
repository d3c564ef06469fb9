package io.mitune.app.policy;

import io.mitune.schemas.CuratedSample;
import io.mitune.streams.curator.Replay;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How a set differs from the one that it is made to replace, by category.
 *
 * <p>Of records that the topic holds twice the first counts. Immutable.
 *
 * @param rows category, prompts, samples before, now, in both, only before, only now
 * @param identical whether every record is the same but for the name of the run
 */
record SetChanges(List<List<String>> rows, boolean identical) {
    static final List<String> HEADER =
            List.of("category", "prompts", "before", "now", "in both", "dropped", "new");

    static SetChanges between(List<CuratedSample> before, List<CuratedSample> now) {
        var old = Replay.byPrompt(distinct(before));
        var fresh = Replay.byPrompt(now);
        Map<String, Count> counts = new TreeMap<>();
        var all = new Count();
        var prompts = new HashSet<>(old.keySet());
        prompts.addAll(fresh.keySet());
        for (var prompt : prompts) {
            var then = old.getOrDefault(prompt, List.of());
            var later = fresh.getOrDefault(prompt, List.of());
            var category = (later.isEmpty() ? then : later).get(0).getCategory();
            counts.computeIfAbsent(category, c -> new Count()).add(ids(then), ids(later));
            all.add(ids(then), ids(later));
        }
        var rows = new ArrayList<List<String>>();
        rows.add(all.row("all"));
        if (counts.size() > 1) {
            counts.forEach((category, count) -> rows.add(count.row(category)));
        }
        return new SetChanges(rows, renamed(old.values()).equals(renamed(fresh.values())));
    }

    private static List<CuratedSample> distinct(List<CuratedSample> samples) {
        var first = new LinkedHashMap<String, CuratedSample>();
        for (var s : samples) {
            first.putIfAbsent(s.getRound() + "/" + s.getPromptId() + "/" + s.getRank(), s);
        }
        return first.values().stream()
                .sorted(Comparator.comparingInt(CuratedSample::getRank))
                .toList();
    }

    private static List<CuratedSample> renamed(Collection<List<CuratedSample>> sets) {
        return sets.stream()
                .flatMap(List::stream)
                .map(s -> CuratedSample.newBuilder(s).setRun("").build())
                .toList();
    }

    private static Set<String> ids(List<CuratedSample> samples) {
        return samples.stream()
                .filter(s -> s.getKept() > 0)
                .map(CuratedSample::getCandidateId)
                .collect(Collectors.toSet());
    }

    private static final class Count {
        private int prompts;
        private int before;
        private int now;
        private int both;

        void add(Set<String> then, Set<String> later) {
            prompts++;
            before += then.size();
            now += later.size();
            both += (int) then.stream().filter(later::contains).count();
        }

        List<String> row(String category) {
            return List.of(
                    category,
                    "" + prompts,
                    "" + before,
                    "" + now,
                    "" + both,
                    "" + (before - both),
                    "" + (now - both));
        }
    }
}
