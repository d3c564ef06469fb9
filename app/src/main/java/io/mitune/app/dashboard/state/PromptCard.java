package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PromptRequest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * One prompt in one round of a run: how far it is, and its best candidates.
 *
 * <p>Everything else of its candidates stays in the log, and the card knows where. Events may come
 * twice and in any order. Not thread-safe.
 */
final class PromptCard {
    private static final int MAX_THUMBS = 12;

    private final String promptId;
    private final int round;
    private final BitSet seen = new BitSet();
    private final BitSet kept = new BitSet();
    private final List<Thumb> best = new ArrayList<>(2);
    private final String run;
    private String text = "";
    private String category = "";
    private int wanted;
    private int failed;
    private int adapter = -1;
    private boolean curated;
    private String reason = "";
    private LogRange range = LogRange.NONE;
    private long startedAt = Long.MAX_VALUE;
    private long requestedAt = Long.MAX_VALUE;

    PromptCard(String run, String promptId, int round) {
        this.run = run;
        this.promptId = promptId;
        this.round = round;
    }

    static String key(String run, String promptId, int round) {
        return run + "/" + promptId + "/" + round;
    }

    String id() {
        return key(run, promptId, round);
    }

    void request(PromptRequest request, long at) {
        describe(request.getText(), request.getCategory());
        wanted = request.getCandidates();
        requestedAt = Math.min(requestedAt, at);
    }

    /**
     * @param image its picture, or null
     * @return whether it is new
     */
    boolean candidate(Candidate candidate, Sha256 image, LogPlace place) {
        range = range.with(place);
        startedAt = Math.min(startedAt, place.timestamp());
        if (seen.get(candidate.getIndex())) {
            return false;
        }
        seen.set(candidate.getIndex());
        describe(candidate.getText(), candidate.getCategory());
        wanted = candidate.getCandidates();
        adapter = candidate.getAdapterVersion();
        failed += candidate.getFailure() == null ? 0 : 1;
        best.add(new Thumb(candidate.getIndex(), candidate.getMi(), image));
        best.sort(Thumb.BEST_FIRST);
        if (best.size() > MAX_THUMBS) {
            best.remove(MAX_THUMBS);
        }
        return true;
    }

    void curated(CuratedSample sample) {
        describe(sample.getText(), sample.getCategory());
        curated = true;
        reason = Json.cut(sample.getReason());
        if (sample.getIndex() >= 0) {
            kept.set(sample.getIndex());
        }
    }

    /**
     * Whether candidates were asked for; a run that picks blindly from another's has samples only.
     */
    boolean listed() {
        return wanted > 0;
    }

    boolean is(String otherPromptId, int otherRound) {
        return promptId.equals(otherPromptId) && round == otherRound;
    }

    /** Whether candidates are still to come. */
    boolean open() {
        return !curated && remaining() > 0;
    }

    int remaining() {
        return curated ? 0 : Math.max(0, wanted - seen.cardinality());
    }

    boolean started() {
        return !seen.isEmpty();
    }

    LogRange range() {
        return range;
    }

    /** When its first candidate came, else when it was asked for; milliseconds since 1970. */
    long time() {
        return started() ? startedAt : requestedAt == Long.MAX_VALUE ? 0 : requestedAt;
    }

    ObjectNode json() {
        var object = Json.object().put("id", id()).put("promptId", promptId).put("round", round);
        object.put("run", run).put("text", text).put("category", category);
        object.put("wanted", wanted).put("seen", seen.cardinality()).put("failed", failed);
        object.put("adapter", adapter).put("reason", reason).put("time", time());
        object.put("state", curated ? "curated" : open() ? "open" : "complete");
        var candidates = object.putArray("candidates");
        best.forEach(thumb -> candidates.add(thumb.json(kept.get(thumb.index()))));
        return object;
    }

    private void describe(String newText, String newCategory) {
        if (text.isEmpty()) {
            text = Json.cut(newText);
            category = Json.cut(newCategory);
        }
    }
}
