package io.mitune.streams.curator;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Identity;
import io.mitune.schemas.RequestLimits;
import io.mitune.streams.BadRecordException;

/** What a candidate must be to be counted at all; its score may still be bad. Pure. */
final class CandidateCheck {
    private CandidateCheck() {}

    static void check(String key, Candidate c) {
        BadRecordException.refuse("candidate", RequestLimits.runFault(c.getRun()));
        require(c.getPromptId().matches("[0-9a-f]{32}"), "promptId: expected 32 hex digits");
        require(c.getPromptId().equals(key), "key: expected the promptId " + c.getPromptId());
        range("round", c.getRound(), 1, RequestLimits.MAX_ROUND);
        range("roundSize", c.getRoundSize(), 1, RequestLimits.MAX_ROUND_SIZE);
        range("candidates", c.getCandidates(), 1, RequestLimits.MAX_CANDIDATES);
        range("keep", c.getKeep(), 1, c.getCandidates());
        range("index", c.getIndex(), 0, c.getCandidates() - 1);
        steps("timesteps", c.getTimesteps().size());
        steps("miTerms", c.getMiTerms().size());
        steps("paperTerms", c.getPaperTerms().size());
        var id = Identity.candidateId(c.getPromptId(), c.getRound(), c.getIndex());
        require(id.equals(c.getCandidateId()), "candidateId: expected " + id);
    }

    private static void steps(String field, int count) {
        require(
                count <= RequestLimits.MAX_STEPS,
                field + ": expected at most " + RequestLimits.MAX_STEPS + ", found " + count);
    }

    private static void range(String field, int value, int min, int max) {
        require(
                value >= min && value <= max,
                field + ": expected " + min + " to " + max + ", found " + value);
    }

    private static void require(boolean right, String fault) {
        if (!right) {
            throw new BadRecordException("candidate: " + fault);
        }
    }
}
