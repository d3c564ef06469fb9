package io.mitune.app.survey;

import io.mitune.schemas.Vote;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Who answered what, so that voters find their places and ticks again.
 *
 * <p>An answer is in it when it is in the log, and the same answer again is not written again: a
 * double click, a reload or the back button add nothing. Holds a bounded number of voters.
 * Thread-safe.
 */
final class AnswerBook {
    private static final int LOCKS = 64;

    private final Map<String, Map<String, Vote>> byVoter = new ConcurrentHashMap<>();
    private final List<Object> locks =
            IntStream.range(0, LOCKS).mapToObj(i -> new Object()).toList();
    private final Consumer<Vote> writer;
    private final int maxVoters;

    /**
     * @param known what the log has
     * @param writer returns when the log has a vote
     * @param maxVoters that give answers; more are refused
     */
    AnswerBook(Collection<Vote> known, Consumer<Vote> writer, int maxVoters) {
        this.writer = writer;
        this.maxVoters = maxVoters;
        known.forEach(this::put);
    }

    /** Whether this voter may answer. */
    boolean hasRoom(String voter) {
        return byVoter.size() < maxVoters || byVoter.containsKey(voter);
    }

    /** A voter's answer to a question. */
    Optional<Vote> find(String voter, String questionId) {
        return Optional.ofNullable(byVoter.getOrDefault(voter, Map.of()).get(questionId));
    }

    /** Writes it, unless it is what the voter said before. */
    void answer(Vote vote) {
        synchronized (locks.get(Math.floorMod(vote.getVoterId().hashCode(), LOCKS))) {
            var before = find(vote.getVoterId(), vote.getQuestionId());
            if (before.filter(known -> isSame(known, vote)).isEmpty()) {
                writer.accept(vote);
                put(vote);
            }
        }
    }

    /** All answers. */
    Collection<Vote> all() {
        var all = new ArrayList<Vote>();
        byVoter.values().forEach(answers -> all.addAll(answers.values()));
        return all;
    }

    private static boolean isSame(Vote one, Vote other) {
        return one.getChosen().equals(other.getChosen())
                && one.getOptions().equals(other.getOptions());
    }

    private void put(Vote vote) {
        byVoter.computeIfAbsent(vote.getVoterId(), v -> new ConcurrentHashMap<>())
                .put(vote.getQuestionId(), vote);
    }
}
