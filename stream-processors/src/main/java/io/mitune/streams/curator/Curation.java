package io.mitune.streams.curator;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Turns a closed board into curated records: one per kept candidate, or a single one that says why
 * nothing could be kept.
 *
 * <p>Pure, and free of any clock: the same candidates give the same bytes, today and when the log
 * is replayed. Immutable.
 *
 * @param policy what to keep
 * @param complete false when the deadline closed the board
 */
record Curation(CurationPolicy policy, boolean complete) {

    /** The records of a prompt of which at least one candidate came. */
    List<CuratedSample> of(Leaderboard board) {
        var any = board.first().orElseThrow();
        var ranked = board.ranked(policy.selection());
        int kept = Math.min(policy.keepOf(any.getKeep()), ranked.size());
        // index order, so that all policies sum the scores alike
        var scores =
                ScoreStatistics.of(
                        board.byIndex().values().stream().filter(Leaderboard::isValid).toList());
        if (kept == 0) {
            var none = about(any, scores, 0, board.failed());
            return List.of(nothing(none, "no valid candidate: " + board.failed() + " failed"));
        }
        return IntStream.range(0, kept)
                .mapToObj(
                        rank ->
                                chosen(
                                        about(
                                                ranked.get(rank),
                                                scores,
                                                ranked.size(),
                                                board.failed()),
                                        ranked,
                                        rank,
                                        kept))
                .toList();
    }

    /** The record of a prompt of which no candidate came. */
    List<CuratedSample> ofNothing(PromptRequest request) {
        var about =
                CuratedSample.newBuilder()
                        .setPromptId(request.getPromptId())
                        .setRun(request.getRun() + policy.runSuffix())
                        .setRound(request.getRound())
                        .setRoundSize(request.getRoundSize())
                        .setBatch(request.getBatch())
                        .setText(request.getText())
                        .setNegativePrompt(request.getNegativePrompt())
                        .setCategory(request.getCategory())
                        .setCandidatesRequested(request.getCandidates())
                        .setModelDigest(request.getModel())
                        .setAdapterVersion(0);
        counts(about, ScoreStatistics.of(List.of()), 0, 0);
        return List.of(nothing(about, "no candidate before the deadline"));
    }

    private CuratedSample.Builder about(
            Candidate c, ScoreStatistics scores, int valid, int failed) {
        var about =
                CuratedSample.newBuilder()
                        .setPromptId(c.getPromptId())
                        .setRun(c.getRun() + policy.runSuffix())
                        .setRound(c.getRound())
                        .setRoundSize(c.getRoundSize())
                        .setBatch(c.getBatch())
                        .setText(c.getText())
                        .setNegativePrompt(c.getNegativePrompt())
                        .setCategory(c.getCategory())
                        .setCandidatesRequested(c.getCandidates())
                        .setModelDigest(c.getModelDigest())
                        .setAdapterVersion(c.getAdapterVersion());
        return counts(about, scores, valid, failed);
    }

    private CuratedSample.Builder counts(
            CuratedSample.Builder about, ScoreStatistics scores, int valid, int failed) {
        return about.setScoreMean(scores.mean())
                .setScoreStd(scores.std())
                .setScoreMin(scores.min())
                .setScoreMax(scores.max())
                .setCandidatesSeen(valid)
                .setCandidatesFailed(failed)
                .setComplete(complete)
                .setPolicy(policy.name())
                .setPolicyVersion(policy.version());
    }

    private CuratedSample chosen(
            CuratedSample.Builder about, List<Candidate> ranked, int rank, int kept) {
        var c = ranked.get(rank);
        double margin = rank + 1 < ranked.size() ? c.getMi() - ranked.get(rank + 1).getMi() : 0;
        return about.setRank(rank)
                .setKept(kept)
                .setCandidateId(Identity.candidateId(c.getPromptId(), c.getRound(), c.getIndex()))
                .setIndex(c.getIndex())
                .setSeed(c.getSeed())
                .setMi(c.getMi())
                .setMargin(margin)
                .setReason(reason(rank, ranked.size(), c.getCandidates()))
                .setLatents(c.getLatents())
                .setPreview(c.getPreview())
                .build();
    }

    private String reason(int rank, int valid, int requested) {
        var missing = complete ? "" : ", deadline passed with " + requested + " requested";
        return policy.selection().place(rank, valid) + missing;
    }

    private static CuratedSample nothing(CuratedSample.Builder about, String reason) {
        return about.setRank(0)
                .setKept(0)
                .setCandidateId(null)
                .setIndex(-1)
                .setSeed(0)
                .setMi(0)
                .setMargin(0)
                .setReason(reason)
                .setLatents(null)
                .setPreview(null)
                .build();
    }
}
