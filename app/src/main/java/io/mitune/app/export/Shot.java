package io.mitune.app.export;

import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import java.util.Optional;

/**
 * What is stored of one drawn sample.
 *
 * @param id names it in messages
 * @param modelDigest the model that its latents belong to
 */
record Shot(String id, String modelDigest, Optional<BlobRef> preview, Optional<BlobRef> latents) {

    static Shot of(CuratedSample sample) {
        return new Shot(
                sample.getCandidateId(),
                sample.getModelDigest(),
                Optional.ofNullable(sample.getPreview()),
                Optional.ofNullable(sample.getLatents()));
    }

    static Shot of(Candidate candidate) {
        return new Shot(
                candidate.getCandidateId(),
                candidate.getModelDigest(),
                Optional.ofNullable(candidate.getPreview()),
                Optional.ofNullable(candidate.getLatents()));
    }
}
