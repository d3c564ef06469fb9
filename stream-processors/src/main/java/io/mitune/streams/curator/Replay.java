package io.mitune.streams.curator;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RequestLimits;
import io.mitune.streams.BadRecordException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Judges the prompts in the log again, under one policy and by the same rules as the stream.
 *
 * <p>Feed it the curated records, then the requests, then the candidates, each partition in its
 * order. A prompt closes with the candidate that makes it complete, or, where a curated record says
 * that the deadline closed it, with as many candidates as that record counts. The outcome is a
 * function of these logs. Not thread-safe.
 */
public final class Replay {
    private static final Comparator<CuratedSample> ORDER =
            Comparator.comparing(CuratedSample::getRun)
                    .thenComparingInt(CuratedSample::getRound)
                    .thenComparing(CuratedSample::getPromptId)
                    .thenComparingInt(CuratedSample::getRank);

    private final CurationPolicy policy;
    private final VoteTally tally;
    private final BiPredicate<String, Integer> scope;
    private final Map<BoardKey, Integer> cutShort = new HashMap<>();
    private final Map<BoardKey, PromptRequest> requests = new HashMap<>();
    private final Map<BoardKey, Map<Integer, Candidate>> open = new HashMap<>();
    private final Set<BoardKey> closed = new HashSet<>();
    private final Map<String, List<Choice>> rounds = new TreeMap<>();

    /**
     * @param tally votes of people; {@link VoteTally#NONE} unless the policy counts them
     * @param scope which runs and rounds to judge
     */
    public Replay(CurationPolicy policy, VoteTally tally, BiPredicate<String, Integer> scope) {
        this.policy = policy;
        this.tally = tally;
        this.scope = scope;
    }

    /** What the stream made of a prompt; only the deadline's word counts here. */
    public void curated(CuratedSample sample) {
        if (!sample.getComplete()) {
            var key = new BoardKey(sample.getRun(), sample.getRound(), sample.getPromptId());
            cutShort.putIfAbsent(key, sample.getCandidatesSeen() + sample.getCandidatesFailed());
        }
    }

    /** A request, as the curator takes it: bad ones are the planner's. */
    public void request(String recordKey, PromptRequest request) {
        boolean good =
                RequestLimits.fault(request).isEmpty() && request.getPromptId().equals(recordKey);
        var key = BoardKey.of(request);
        if (!good || !scope.test(key.run(), key.round())) {
            return;
        }
        requests.putIfAbsent(key, request);
        if (cutShort.getOrDefault(key, -1) == 0 && closed.add(key)) {
            choose(key, new Curation(policy, false, tally).ofNothing(requests.get(key)));
        }
    }

    /** A candidate; returns what is wrong with one that the curator refuses. */
    public Optional<String> candidate(String recordKey, Candidate candidate) {
        try {
            CandidateCheck.check(recordKey, candidate);
        } catch (BadRecordException e) {
            return Optional.of(e.getMessage());
        }
        var key = BoardKey.of(candidate);
        if (!scope.test(key.run(), key.round()) || closed.contains(key)) {
            return Optional.empty();
        }
        var board = open.computeIfAbsent(key, k -> new TreeMap<>());
        int requested = requested(key, board, candidate);
        if (requested != candidate.getCandidates()) {
            return Optional.of(
                    "candidate: candidates: expected %d as in the first record of the prompt, found"
                                    .formatted(requested)
                            + " "
                            + candidate.getCandidates());
        }
        board.merge(candidate.getIndex(), candidate, Leaderboard::preferred);
        boolean complete = board.size() == requested;
        if (complete || board.size() == cutShort.getOrDefault(key, -1)) {
            open.remove(key);
            closed.add(key);
            var curation = new Curation(policy, complete, tally);
            choose(key, curation.choices(Leaderboard.of(board.values())));
        }
        return Optional.empty();
    }

    /** Prompts with candidates that are not closed yet. */
    public int openPrompts() {
        return open.size();
    }

    /** Prompts judged. */
    public int closedPrompts() {
        return closed.size();
    }

    /** Rounds that are left out, since the policy looks at whole rounds and they are not closed. */
    public List<String> openRounds() {
        return rounds.entrySet().stream()
                .filter(e -> !isWhole(e.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The curated records, by run, round, prompt and rank. */
    public List<CuratedSample> samples() {
        return rounds.values().stream()
                .filter(this::isWhole)
                .flatMap(choices -> samples(choices).stream())
                .sorted(ORDER)
                .toList();
    }

    private List<CuratedSample> samples(List<Choice> choices) {
        return policy.holds(choices.get(0).sample().getRoundSize())
                ? new RoundCuration(policy).of(choices)
                : choices.stream().map(Choice::sample).toList();
    }

    private boolean isWhole(List<Choice> choices) {
        int size = choices.stream().mapToInt(c -> c.sample().getRoundSize()).max().orElseThrow();
        return !policy.holds(size)
                || choices.stream().map(c -> c.sample().getPromptId()).distinct().count() >= size;
    }

    private int requested(BoardKey key, Map<Integer, Candidate> board, Candidate candidate) {
        var request = requests.get(key);
        if (request != null) {
            return request.getCandidates();
        }
        return board.isEmpty()
                ? candidate.getCandidates()
                : board.values().iterator().next().getCandidates();
    }

    private void choose(BoardKey key, List<Choice> choices) {
        rounds.computeIfAbsent(key.runAndRound(), round -> new ArrayList<>()).addAll(choices);
    }

    /** Records by their prompt, run left out: to compare two sets of one log. */
    public static Map<String, List<CuratedSample>> byPrompt(List<CuratedSample> samples) {
        Function<CuratedSample, String> prompt = s -> s.getRound() + "/" + s.getPromptId();
        return samples.stream()
                .collect(Collectors.groupingBy(prompt, TreeMap::new, Collectors.toList()));
    }
}
