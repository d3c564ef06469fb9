package io.mitune.workers.training;

import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.training.EncodedCaption;
import io.mitune.diffusion.training.TrainingSample;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.generation.LatentsBlob;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Turns curated samples into training samples: fetches and checks latents, adds captions.
 *
 * <p>All latents must have the shape of the first good one. Not thread-safe; whoever calls holds
 * the device.
 */
final class SampleLoader {
    private final StableDiffusion model;
    private final BlobStore blobs;
    private final Function<String, EncodedCaption> captions;
    private long[] shape = {};

    /**
     * @param captions encodes a text, or knows it
     */
    SampleLoader(
            StableDiffusion model, BlobStore blobs, Function<String, EncodedCaption> captions) {
        this.model = model;
        this.blobs = blobs;
        this.captions = captions;
    }

    TrainingSample load(CuratedSample sample) {
        String id = sample.getCandidateId();
        String expected =
                Identity.candidateId(sample.getPromptId(), sample.getRound(), sample.getIndex());
        if (!expected.equals(id) || id.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "curated sample: candidateId: expected promptId/round/index, found another");
        }
        if (!sample.getModelDigest().equals(model.modelDigest())) {
            throw new IllegalArgumentException(
                    "curated sample %s: model: expected %s as the trainer's, found %s"
                            .formatted(id, model.modelDigest(), sample.getModelDigest()));
        }
        if (sample.getLatents() == null) {
            throw new IllegalArgumentException(
                    "curated sample %s: latents: expected a blob, found none".formatted(id));
        }
        var latents = LatentsBlob.get(blobs, sample.getLatents());
        requireShape(id, latents.shape());
        return new TrainingSample(
                latents.values(), latents.shape(), captions.apply(sample.getText()));
    }

    private void requireShape(String id, long[] found) {
        if (shape.length == 0 && found[0] == model.vaeConfig().latentChannels()) {
            shape = found;
        }
        if (!Arrays.equals(found, shape)) {
            throw new IllegalArgumentException(
                    "curated sample %s: latents: expected shape %s, found %s"
                            .formatted(id, Arrays.toString(shape), Arrays.toString(found)));
        }
    }
}
