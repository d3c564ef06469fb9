package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.schemas.PromptRequest;
import java.time.Instant;
import java.util.BitSet;

/**
 * How far one batch is in one round of one run, as sums.
 *
 * <p>Prompts count once, whatever is told of them and how often: requests by their place in the
 * batch, a bit each, the rest by their ids, until all are there. Who tells that a candidate arrived
 * tells it once. Not thread-safe.
 */
final class BatchRound {
    /** Beyond this place a request is believed to come once: 16 KiB are enough for a batch. */
    private static final int MAX_PLACES = 1 << 17;

    private final String run;
    private final String batch;
    private final int round;
    private final Rate rate = new Rate();
    private BitSet places = new BitSet();
    private int size;
    private int each;
    private long published;
    private long requestedAt = Long.MAX_VALUE;
    private long startedAt = Long.MAX_VALUE;
    private final IdSet handedOut = new IdSet();
    private final IdSet closed = new IdSet();
    private long arrived;
    private long failed;
    private long curated;
    private long nothingKept;

    BatchRound(String run, String batch, int round) {
        this.run = run;
        this.batch = batch;
        this.round = round;
    }

    /** A request within the limits. */
    void asked(PromptRequest request) {
        size = request.getRoundSize();
        each = request.getCandidates();
        handedOut.expect(size);
        closed.expect(size);
        requestedAt = Math.min(requestedAt, request.getRequestedAt().toEpochMilli());
        if (published < size && isNew(request.getPosition())) {
            published++;
        }
        if (published >= size) {
            places = new BitSet();
        }
    }

    /** A prompt's first task, or what follows from it. */
    void handedOut(String promptId, long atMillis) {
        handedOut.add(promptId);
        startedAt = Math.min(startedAt, atMillis);
    }

    void arrived(boolean isFailed, long atMillis) {
        arrived++;
        failed += isFailed ? 1 : 0;
        rate.add(atMillis);
    }

    /** A prompt got its last word. */
    void closed(String promptId, boolean isKept) {
        if (closed.add(promptId)) {
            curated += isKept ? 1 : 0;
            nothingKept += isKept ? 0 : 1;
        }
    }

    String batch() {
        return batch;
    }

    /** The run that keeps candidates picked blindly has samples, and nobody published into it. */
    boolean isPublished() {
        return published > 0;
    }

    boolean isDone() {
        return isPublished() && closed.size() >= size;
    }

    ObjectNode json(long nowMillis) {
        long requested = (long) size * each;
        long open = Math.max(0, requested - arrived);
        double perSecond = rate.perSecond(nowMillis, startedAt);
        var object = Json.object().put("batch", batch).put("run", run).put("round", round);
        object.put("state", state(open));
        object.put("requestedAt", Instant.ofEpochMilli(requestedAt).toString());
        object.putObject("prompts")
                .put("all", size)
                .put("published", published)
                .put("handedOut", handedOut.size())
                .put("curated", curated)
                .put("nothingKept", nothingKept);
        object.putObject("candidates")
                .put("requested", requested)
                .put("arrived", arrived)
                .put("failed", failed)
                .put("open", isDone() ? 0 : open);
        Json.put(object, "perSecond", perSecond);
        boolean known = perSecond > 0 && !isDone();
        Json.put(object, "etaSeconds", known ? open / perSecond : Double.NaN);
        return object;
    }

    private String state(long open) {
        if (isDone()) {
            return "done";
        }
        if (handedOut.size() == 0) {
            return "waiting";
        }
        return open > 0 ? "drawing" : "drawn";
    }

    private boolean isNew(int place) {
        if (place >= MAX_PLACES) {
            return true;
        }
        boolean seen = places.get(place);
        places.set(place);
        return !seen;
    }
}
