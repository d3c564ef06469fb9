package io.mitune.app.export;

import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.streams.curator.Leaderboard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The best and the worst candidate by MI of each curated prompt, for direct preference
 * optimization.
 *
 * <p>The topic of candidates is many times as long as that of curated samples, so it is read by way
 * of {@link #offer} and only what is needed is kept. Which two are chosen depends on the set of
 * candidates alone. Not thread-safe.
 */
final class PreferencePairs {
    private static final Comparator<Candidate> WORST_FIRST =
            Comparator.comparingDouble(Candidate::getMi)
                    .thenComparing(Candidate::getIndex, Comparator.reverseOrder());

    /** Two candidates of one prompt in one round. */
    record Pair(Candidate best, Candidate worst) {}

    private record Place(String promptId, int round) {}

    private record Source(Place place, String run) {}

    private final String curatedRun;
    private final Map<Place, String> texts = new LinkedHashMap<>();
    private final Map<Source, Map<Integer, Candidate>> boards = new HashMap<>();

    /**
     * @param samples all of one run, in the order that the pairs shall have
     */
    PreferencePairs(List<CuratedSample> samples) {
        curatedRun = samples.isEmpty() ? "" : samples.get(0).getRun();
        samples.forEach(s -> texts.put(new Place(s.getPromptId(), s.getRound()), s.getText()));
    }

    /** Reads the candidates of the curated prompts up to the topic's present end. */
    static PreferencePairs read(
            Connection connection, List<CuratedSample> samples, List<String> faults) {
        var pairs = new PreferencePairs(samples);
        var topic = connection.topics().candidates();
        TopicLog.forEach(connection, topic, pairs::offer, faults::add);
        return pairs;
    }

    /** Prompts, counted once a round. */
    int prompts() {
        return texts.size();
    }

    /** Takes a candidate, if it is one of a curated prompt and has a score. */
    void offer(Candidate c) {
        var place = new Place(c.getPromptId(), c.getRound());
        var id = Identity.candidateId(c.getPromptId(), c.getRound(), c.getIndex());
        if (c.getText().equals(texts.get(place))
                && curatedRun.startsWith(c.getRun())
                && id.equals(c.getCandidateId())
                && Leaderboard.isValid(c)) {
            boards.computeIfAbsent(new Source(place, c.getRun()), s -> new HashMap<>())
                    .merge(c.getIndex(), slim(c), Leaderboard::preferred);
        }
    }

    /** A pair of each prompt that has two candidates with different scores. */
    List<Pair> pairs() {
        var runs = new HashSet<String>();
        boards.keySet().forEach(source -> runs.add(source.run()));
        // a curated run is named after that of its candidates, with the policy's suffix
        var run = runs.stream().max(Comparator.comparingInt(String::length)).orElse("");
        var pairs = new ArrayList<Pair>();
        for (var place : texts.keySet()) {
            var board = boards.getOrDefault(new Source(place, run), Map.of()).values();
            var worst = board.stream().min(WORST_FIRST);
            var best = board.stream().max(WORST_FIRST);
            pair(best, worst).ifPresent(pairs::add);
        }
        return pairs;
    }

    private static Optional<Pair> pair(Optional<Candidate> best, Optional<Candidate> worst) {
        return best.filter(b -> b.getMi() > worst.orElseThrow().getMi())
                .map(b -> new Pair(b, worst.orElseThrow()));
    }

    /** Without the terms of its score, the greater part of a record. */
    private static Candidate slim(Candidate c) {
        return Candidate.newBuilder(c)
                .setMiTerms(List.of())
                .setMiWeights(List.of())
                .setTimesteps(List.of())
                .build();
    }
}
