package io.mitune.streams.curator;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PromptRequest;
import java.util.List;

/** What all curated records of one prompt share. Immutable. */
record PromptFacts(
        Leaderboard board, List<Scored> scored, CurationPolicy policy, boolean complete) {

    Candidate any() {
        return board.first().orElseThrow();
    }

    /** A record with these facts. */
    CuratedSample.Builder builder() {
        var c = any();
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
                        .setAdapterVersion(c.getAdapterVersion())
                        .setCandidatesSeen(scored.size())
                        .setCandidatesFailed(board.byIndex().size() - scored.size());
        return judged(about, ScoreStatistics.of(scored), policy, complete);
    }

    /** A record of a prompt of which no candidate came. */
    static CuratedSample.Builder of(PromptRequest p, CurationPolicy policy, boolean complete) {
        var about =
                CuratedSample.newBuilder()
                        .setPromptId(p.getPromptId())
                        .setRun(p.getRun() + policy.runSuffix())
                        .setRound(p.getRound())
                        .setRoundSize(p.getRoundSize())
                        .setBatch(p.getBatch())
                        .setText(p.getText())
                        .setNegativePrompt(p.getNegativePrompt())
                        .setCategory(p.getCategory())
                        .setCandidatesRequested(p.getCandidates())
                        .setModelDigest(p.getModel())
                        .setAdapterVersion(0)
                        .setCandidatesSeen(0)
                        .setCandidatesFailed(0);
        return judged(about, ScoreStatistics.of(List.of()), policy, complete);
    }

    private static CuratedSample.Builder judged(
            CuratedSample.Builder about,
            ScoreStatistics scores,
            CurationPolicy policy,
            boolean complete) {
        return about.setScoreMean(scores.mean())
                .setScoreStd(scores.std())
                .setScoreMin(scores.min())
                .setScoreMax(scores.max())
                .setComplete(complete)
                .setPolicy(policy.name())
                .setPolicyVersion(policy.version());
    }
}
