package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.PromptRequest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far each published batch is, round by round.
 *
 * <p>Sums for each batch and round, and for each prompt at work a note of what came of it, so that
 * nothing counts twice. Both are bounded: of batches those go that changed least lately, of notes
 * those of prompts that are done. Runs are told apart, since two of them may hold the same prompts.
 * Not thread-safe.
 */
final class Batches {
    private static final int MAX_ROUNDS = 1_000;
    private static final int MAX_PROMPTS = 20_000;
    private static final int MAX_ANSWER = 100;
    private static final int SHOWN = 12;

    private record Key(String run, String batch, int round) {}

    /** What came of one prompt. */
    private static final class Note {
        private final BitSet candidates = new BitSet();
        private boolean closed;
    }

    /** Those that changed last are last. */
    private final Map<Key, BatchRound> rounds =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, BatchRound> eldest) {
                    return size() > MAX_ROUNDS;
                }
            };

    private final Map<String, Note> notes = new LinkedHashMap<>();

    /** A request within the limits. */
    void add(PromptRequest r) {
        round(r.getRun(), r.getBatch(), r.getRound()).asked(r);
    }

    /** A prompt's first task. */
    void add(GenerationTask t, long atMillis) {
        var round = round(t.getRun(), t.getBatch(), t.getRound());
        note(round, t.getRun(), t.getRound(), t.getPromptId(), atMillis);
    }

    /** A candidate whose index is within the limits. */
    void add(Candidate c, long atMillis) {
        var round = round(c.getRun(), c.getBatch(), c.getRound());
        var seen = note(round, c.getRun(), c.getRound(), c.getPromptId(), atMillis).candidates;
        if (!seen.get(c.getIndex())) {
            seen.set(c.getIndex());
            boolean failed = c.getFailure() != null || !Double.isFinite(c.getMi());
            round.arrived(failed, atMillis);
        }
    }

    void add(CuratedSample s, long atMillis) {
        var round = round(s.getRun(), s.getBatch(), s.getRound());
        var note = note(round, s.getRun(), s.getRound(), s.getPromptId(), atMillis);
        if (!note.closed) {
            note.closed = true;
            round.closed(s.getKept() > 0);
        }
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

    /** The note of a prompt; the first thing that is heard of it says that it was handed out. */
    private Note note(BatchRound of, String run, int round, String promptId, long atMillis) {
        var key = Json.cut(run) + "/" + round + "/" + promptId;
        var note = notes.get(key);
        if (note == null) {
            of.handedOut(atMillis);
            note = new Note();
            notes.put(key, note);
            if (notes.size() > MAX_PROMPTS + MAX_PROMPTS / 8) {
                forget();
            }
        }
        return note;
    }

    /** The oldest go, first of those that are done. */
    private void forget() {
        remove(notes.values().iterator(), true);
        remove(notes.values().iterator(), false);
    }

    private void remove(Iterator<Note> eldestFirst, boolean onlyClosed) {
        while (eldestFirst.hasNext() && notes.size() > MAX_PROMPTS) {
            if (eldestFirst.next().closed || !onlyClosed) {
                eldestFirst.remove();
            }
        }
    }
}
