package io.mitune.streams.curator;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Identity;
import java.nio.charset.StandardCharsets;

/**
 * A valid candidate under one policy. Immutable.
 *
 * @param score in nats, by the policy's estimator
 * @param preference what orders candidates: the greater one is liked better
 */
record Scored(Candidate candidate, double score, double preference) {

    /** A draw in 0..1 that any machine repeats: from the hash of promptId, round and index. */
    static double lot(Candidate c) {
        var id = Identity.candidateId(c.getPromptId(), c.getRound(), c.getIndex());
        var hash = Identity.sha256(("lot/" + id).getBytes(StandardCharsets.UTF_8));
        return Long.parseLong(hash.substring(0, 13), 16) * 0x1p-52;
    }

    int index() {
        return candidate.getIndex();
    }

    Sketch sketch() {
        return Sketch.of(candidate.getSketch());
    }
}
