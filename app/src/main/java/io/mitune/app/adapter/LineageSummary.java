package io.mitune.app.adapter;

import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PromptRequest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What lies behind an adapter version in numbers, and its first samples.
 *
 * <p>Takes the records one by one and keeps ids, counts and the samples to be shown: a hundred
 * thousand samples cost some megabytes. Belongs to one thread.
 */
public final class LineageSummary {
    private final int most;
    private final Map<String, Place> places = new HashMap<>();
    private final Set<String> found = new HashSet<>();
    private final SortedMap<Integer, Tally> rounds = new TreeMap<>();
    private final SortedMap<Integer, Sample> first = new TreeMap<>();
    private final String run;

    /**
     * A round that gave samples.
     *
     * @param round its number
     * @param prompts judged in it
     * @param candidates valid ones among which was chosen
     * @param kept samples that went into the line of versions
     * @param seeds that its prompts were published with
     * @param policies samples by policy and version
     */
    public record Round(
            int round,
            int prompts,
            long candidates,
            int kept,
            SortedSet<Long> seeds,
            SortedMap<String, Integer> policies) {}

    /** A sample, and the version that first was trained on it. */
    public record Sample(int version, CuratedSample record) {}

    private record Place(int number, int version) {}

    /**
     * @param most samples to keep for show, in the order of training
     */
    LineageSummary(Ancestry ancestry, int most) {
        this.most = most;
        run = ancestry.run();
        for (var ancestor : ancestry.line()) {
            int version = ancestor.version().getVersion();
            for (var id : ancestor.candidateIds()) {
                places.putIfAbsent(id, new Place(places.size(), version));
            }
        }
    }

    /**
     * Reads what was published and what was kept, up to the present end.
     *
     * @param most samples to keep for show, in the order of training
     * @param faults gets one line for each record that cannot be read
     */
    public static LineageSummary read(
            Connection connection, Ancestry ancestry, int most, Consumer<String> faults) {
        var summary = new LineageSummary(ancestry, most);
        TopicLog.forEach(connection, connection.topics().prompts(), summary::add, faults);
        TopicLog.forEach(connection, connection.topics().curated(), summary::add, faults);
        return summary;
    }

    void add(PromptRequest request) {
        if (request.getRun().equals(run)) {
            tally(request.getRound()).seeds.add(request.getSeed());
        }
    }

    void add(CuratedSample sample) {
        if (!sample.getRun().equals(run)) {
            return;
        }
        var tally = tally(sample.getRound());
        if (tally.prompts.add(sample.getPromptId())) {
            tally.candidates += sample.getCandidatesSeen();
        }
        var id = sample.getCandidateId();
        var place = id == null ? null : places.get(id);
        if (place == null || !found.add(id)) { // of a candidate, trainers take the first record
            return;
        }
        tally.kept++;
        tally.policies.merge(sample.getPolicy() + "@" + sample.getPolicyVersion(), 1, Integer::sum);
        if (place.number() < most) {
            first.put(place.number(), new Sample(place.version(), sample));
        }
    }

    /** The rounds that gave samples, in order. */
    public List<Round> rounds() {
        return rounds.entrySet().stream()
                .filter(e -> e.getValue().kept > 0)
                .map(e -> e.getValue().round(e.getKey()))
                .toList();
    }

    /** The first samples in the order of training. */
    public List<Sample> first() {
        return List.copyOf(first.values());
    }

    /** Samples of all versions. */
    public int samples() {
        return places.size();
    }

    /** Samples that the curated topic no longer holds. */
    public int missing() {
        return places.size() - found.size();
    }

    private Tally tally(int round) {
        return rounds.computeIfAbsent(round, r -> new Tally());
    }

    private static final class Tally {
        private final Set<String> prompts = new HashSet<>();
        private final SortedSet<Long> seeds = new TreeSet<>();
        private final SortedMap<String, Integer> policies = new TreeMap<>();
        private long candidates;
        private int kept;

        Round round(int number) {
            return new Round(number, prompts.size(), candidates, kept, seeds, policies);
        }
    }
}
