package io.mitune.app.faults;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The default policy, written down a second time: sort all of a prompt's candidates by score. */
final class BatchCuration {
    private static final Comparator<Candidate> BEST_FIRST =
            Comparator.comparingDouble(Candidate::getMi)
                    .reversed()
                    .thenComparingInt(Candidate::getIndex);

    private BatchCuration() {}

    /**
     * The samples that are kept of a prompt, the best first.
     *
     * @param drawn all its candidates by index, each with a finite score
     */
    static List<CuratedSample> choose(List<Candidate> drawn) {
        var ranked = drawn.stream().sorted(BEST_FIRST).toList();
        return IntStream.range(0, Workload.KEEP).mapToObj(r -> chosen(drawn, ranked, r)).toList();
    }

    private static CuratedSample chosen(List<Candidate> drawn, List<Candidate> ranked, int rank) {
        var c = ranked.get(rank);
        int n = drawn.size();
        double mean = drawn.stream().mapToDouble(Candidate::getMi).reduce(0, Double::sum) / n;
        double squares =
                drawn.stream()
                        .mapToDouble(d -> (d.getMi() - mean) * (d.getMi() - mean))
                        .reduce(0, Double::sum);
        return CuratedSample.newBuilder()
                .setPromptId(c.getPromptId())
                .setRun(c.getRun())
                .setRound(c.getRound())
                .setRoundSize(c.getRoundSize())
                .setBatch(c.getBatch())
                .setText(c.getText())
                .setNegativePrompt(c.getNegativePrompt())
                .setCategory(c.getCategory())
                .setRank(rank)
                .setKept(Workload.KEEP)
                .setCandidateId(Identity.candidateId(c.getPromptId(), c.getRound(), c.getIndex()))
                .setIndex(c.getIndex())
                .setSeed(Identity.candidateSeed(Workload.SEED, c.getPromptId(), c.getIndex()))
                .setMi(c.getMi())
                .setMargin(rank + 1 < n ? c.getMi() - ranked.get(rank + 1).getMi() : 0)
                .setScoreMean(mean)
                .setScoreStd(Math.sqrt(squares / n))
                .setScoreMin(ranked.get(n - 1).getMi())
                .setScoreMax(ranked.get(0).getMi())
                .setCandidatesRequested(n)
                .setCandidatesSeen(n)
                .setCandidatesFailed(0)
                .setComplete(true)
                .setPolicy("mi-max")
                .setPolicyVersion(1)
                .setReason((rank == 0 ? "best" : "number " + (rank + 1)) + " of " + n + " by mi")
                .setAdapterVersion(c.getAdapterVersion())
                .setModelDigest(c.getModelDigest())
                .setLatents(c.getLatents())
                .setPreview(c.getPreview())
                .build();
    }
}
