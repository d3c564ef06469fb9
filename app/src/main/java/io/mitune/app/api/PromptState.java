package io.mitune.app.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PromptRequest;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How far a prompt is, round by round: what the log says of it, whatever its order and repetitions.
 *
 * <p>In logs of old versions runs share the ids of their prompts: each has rounds of its own. Not
 * thread-safe.
 */
final class PromptState {
    /** What the log holds of one round. */
    private static final class Round {
        private final PromptRequest request;
        private final Map<Integer, Candidate> candidates = new TreeMap<>();
        private final Map<Integer, CuratedSample> curated = new TreeMap<>();

        private Round(PromptRequest request) {
            this.request = request;
        }

        private boolean isCurated() {
            return !curated.isEmpty()
                    && curated.size() >= Math.max(1, curated.values().iterator().next().getKept());
        }
    }

    private record Key(String run, int round) {}

    private final Map<Key, Round> rounds =
            new TreeMap<>(Comparator.comparing(Key::run).thenComparing(Key::round));
    private final Optional<String> run;

    /**
     * @param run the one to look at; empty for all
     */
    PromptState(Optional<String> run) {
        this.run = run;
    }

    /** A request; the first of a round counts. */
    void add(PromptRequest request) {
        if (run.isEmpty() || run.get().equals(request.getRun())) {
            rounds.putIfAbsent(new Key(request.getRun(), request.getRound()), new Round(request));
        }
    }

    /** A candidate; the first of an index counts, as for the curator. */
    void add(Candidate candidate) {
        var round = rounds.get(new Key(candidate.getRun(), candidate.getRound()));
        if (round != null) {
            round.candidates.putIfAbsent(candidate.getIndex(), candidate);
        }
    }

    /** A curated sample, or the word that there is none. */
    void add(CuratedSample sample) {
        var round = rounds.get(new Key(sample.getRun(), sample.getRound()));
        if (round != null) {
            round.curated.put(sample.getRank(), sample);
        }
    }

    boolean isKnown() {
        return !rounds.isEmpty();
    }

    /** When the first request came, in milliseconds. */
    long since() {
        return rounds.values().stream()
                .mapToLong(r -> r.request.getRequestedAt().toEpochMilli())
                .min()
                .orElse(0);
    }

    /** Whether no candidate is missing. */
    boolean hasAllCandidates() {
        return rounds.values().stream()
                .allMatch(r -> r.candidates.size() >= r.request.getCandidates());
    }

    /** Whether each round has its last word. */
    boolean isCurated() {
        return rounds.values().stream().allMatch(Round::isCurated);
    }

    ObjectNode json() {
        var newest =
                rounds.values().stream()
                        .map(r -> r.request)
                        .max(Comparator.comparing(PromptRequest::getRequestedAt))
                        .orElseThrow();
        var json = JsonNodeFactory.instance.objectNode();
        json.put("promptId", newest.getPromptId());
        json.put("run", newest.getRun());
        json.put("batch", newest.getBatch());
        json.put("text", newest.getText());
        json.put("category", newest.getCategory());
        var list = json.putArray("rounds");
        rounds.values().forEach(round -> list.add(json(round)));
        return json;
    }

    private static ObjectNode json(Round round) {
        var request = round.request;
        var failed = round.candidates.values().stream().filter(PromptState::isFailed).count();
        var open = Math.max(0, request.getCandidates() - round.candidates.size());
        var json = JsonNodeFactory.instance.objectNode();
        json.put("run", request.getRun());
        json.put("round", request.getRound());
        json.put("state", state(round, open));
        json.put("requestedAt", request.getRequestedAt().toString());
        json.put("requested", request.getCandidates());
        json.put("arrived", round.candidates.size());
        json.put("failed", failed);
        json.put("open", open);
        json.putNull("best");
        round.candidates.values().stream()
                .filter(c -> !isFailed(c))
                .max(Comparator.comparingDouble(Candidate::getMi))
                .ifPresent(best -> json.set("best", json(best)));
        var curated = json.putArray("curated");
        kept(round).forEach(sample -> curated.add(json(sample)));
        return json;
    }

    private static String state(Round round, int open) {
        if (round.isCurated()) {
            return kept(round).isEmpty() ? "nothing-kept" : "curated";
        }
        if (round.candidates.isEmpty()) {
            return "waiting";
        }
        return open > 0 ? "drawing" : "drawn";
    }

    private static List<CuratedSample> kept(Round round) {
        return round.curated.values().stream().filter(s -> s.getKept() > 0).toList();
    }

    private static boolean isFailed(Candidate candidate) {
        return candidate.getFailure() != null || !Double.isFinite(candidate.getMi());
    }

    private static ObjectNode json(Candidate candidate) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("candidateId", candidate.getCandidateId())
                .put("index", candidate.getIndex())
                .put("seed", candidate.getSeed())
                .put("mi", candidate.getMi())
                .put("adapterVersion", candidate.getAdapterVersion());
    }

    private static ObjectNode json(CuratedSample sample) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("rank", sample.getRank())
                .put("candidateId", sample.getCandidateId())
                .put("mi", sample.getMi())
                .put("margin", sample.getMargin())
                .put("complete", sample.getComplete())
                .put("policy", sample.getPolicy())
                .put("policyVersion", sample.getPolicyVersion())
                .put("reason", sample.getReason());
    }
}
