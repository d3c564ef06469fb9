package io.mitune.app.api;

import io.mitune.app.CuratedSamples;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.SamplingSettings;
import java.time.Instant;
import java.util.List;

/** Records of one prompt in round 1, of run state unless told. */
final class PromptRecords {
    private PromptRecords() {}

    static PromptRequest request(String promptId, String run, int candidates) {
        var like = candidate(promptId, 0, 0);
        return PromptRequest.newBuilder()
                .setPromptId(promptId)
                .setRun(run)
                .setRound(1)
                .setRoundSize(1)
                .setBatch("b")
                .setText(like.getText())
                .setPosition(1)
                .setSeed(1)
                .setCandidates(candidates)
                .setKeep(1)
                .setSampling(like.getSampling())
                .setRequestedAt(Instant.now())
                .build();
    }

    static Candidate candidate(String promptId, int index, double mi) {
        return Candidate.newBuilder()
                .setCandidateId(Identity.candidateId(promptId, 1, index))
                .setPromptId(promptId)
                .setRun("state")
                .setRound(1)
                .setRoundSize(1)
                .setBatch("b")
                .setText("a fox")
                .setIndex(index)
                .setSeed(index)
                .setCandidates(3)
                .setKeep(1)
                .setSampling(
                        SamplingSettings.newBuilder()
                                .setScheduler("ddim")
                                .setNumInferenceSteps(2)
                                .setGuidanceScale(2)
                                .build())
                .setMi(mi)
                .setTimesteps(List.of())
                .setMiTerms(List.of())
                .setMiWeights(List.of())
                .setAdapterVersion(0)
                .setModelDigest("")
                .setWorker("w")
                .setSeconds(1)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    static CuratedSample curated(String promptId, int index, double mi) {
        return CuratedSamples.curated("state", promptId, 1, 0)
                .setCandidateId(Identity.candidateId(promptId, 1, index))
                .setIndex(index)
                .setText("a fox")
                .setKept(1)
                .setMi(mi)
                .build();
    }
}
