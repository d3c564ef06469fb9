package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.PromptRequest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far each published batch is, round by round.
 *
 * <p>Sums for each batch and round, and for the prompts that were drawn last which candidates came,
 * since one that is delivered twice comes twice within a short time. Both are bounded: those go
 * that changed least lately. Runs are told apart, since two of them may hold the same prompts. Not
 * thread-safe.
 */
final class Batches {
    private static final int MAX_ROUNDS = 1_000;
    private static final int MAX_PROMPTS = 20_000;
    private static final int MAX_ANSWER = 100;
    private static final int SHOWN = 12;

    private record Key(String run, String batch, int round) {}

    private final Map<Key, BatchRound> rounds = lastChanged(MAX_ROUNDS);
    private final Map<String, BitSet> candidates = lastChanged(MAX_PROMPTS);

    /** A request within the limits. */
    void add(PromptRequest r) {
        round(r.getRun(), r.getBatch(), r.getRound()).asked(r);
    }

    /** A prompt's first task. */
    void add(GenerationTask t, long atMillis) {
        round(t.getRun(), t.getBatch(), t.getRound()).handedOut(t.getPromptId(), atMillis);
    }

    /** A candidate whose index is within the limits. */
    void add(Candidate c, long atMillis) {
        var round = round(c.getRun(), c.getBatch(), c.getRound());
        round.handedOut(c.getPromptId(), atMillis);
        var prompt = Json.cut(c.getRun()) + "/" + c.getRound() + "/" + c.getPromptId();
        var seen = candidates.computeIfAbsent(prompt, p -> new BitSet());
        if (!seen.get(c.getIndex())) {
            seen.set(c.getIndex());
            boolean failed = c.getFailure() != null || !Double.isFinite(c.getMi());
            round.arrived(failed, atMillis);
        }
    }

    void add(CuratedSample s, long atMillis) {
        var round = round(s.getRun(), s.getBatch(), s.getRound());
        round.handedOut(s.getPromptId(), atMillis);
        round.closed(s.getPromptId(), s.getKept() > 0);
    }

    /** The rounds of a batch, those that changed last first; nothing when it is not known. */
    Optional<ArrayNode> find(String batch, long nowMillis) {
        var list = Json.array();
        newest().stream()
                .filter(round -> round.batch().equals(batch))
                .limit(MAX_ANSWER)
                .forEach(round -> list.add(round.json(nowMillis)));
        return list.isEmpty() ? Optional.empty() : Optional.of(list);
    }

    /** Those that changed last, in that order. */
    ArrayNode json(long nowMillis) {
        var list = Json.array();
        newest().stream().limit(SHOWN).forEach(round -> list.add(round.json(nowMillis)));
        return list;
    }

    private List<BatchRound> newest() {
        var published = new ArrayList<BatchRound>();
        rounds.values().stream().filter(BatchRound::isPublished).forEach(published::add);
        Collections.reverse(published);
        return published;
    }

    private BatchRound round(String run, String batch, int round) {
        var key = new Key(Json.cut(run), Json.cut(batch), round);
        return rounds.computeIfAbsent(key, k -> new BatchRound(k.run(), k.batch(), k.round()));
    }

    /** Those that changed last are last; the first ones go. */
    private static <K, V> Map<K, V> lastChanged(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > most;
            }
        };
    }
}
