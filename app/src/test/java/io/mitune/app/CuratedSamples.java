package io.mitune.app;

import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;

/** Curated records for tests; index and rank are the same. */
public final class CuratedSamples {
    private CuratedSamples() {}

    public static CuratedSample.Builder curated(String run, String promptId, int round, int rank) {
        return CuratedSample.newBuilder()
                .setPromptId(promptId)
                .setRun(run)
                .setRound(round)
                .setRoundSize(1)
                .setBatch("batch")
                .setText("a cat")
                .setRank(rank)
                .setKept(2)
                .setCandidateId(Identity.candidateId(promptId, round, rank))
                .setIndex(rank)
                .setSeed(7)
                .setMi(2.5)
                .setMargin(0.5)
                .setScoreMean(2)
                .setScoreStd(0.5)
                .setScoreMin(1)
                .setScoreMax(2.5)
                .setCandidatesRequested(3)
                .setCandidatesSeen(3)
                .setCandidatesFailed(0)
                .setComplete(true)
                .setPolicy("mi-max")
                .setPolicyVersion(1)
                .setReason("best of 3")
                .setAdapterVersion(0)
                .setModelDigest("digest");
    }
}
