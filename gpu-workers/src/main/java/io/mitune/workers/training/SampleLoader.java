package io.mitune.workers.training;

import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.training.EncodedCaption;
import io.mitune.diffusion.training.TrainingSample;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.generation.LatentsBlob;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Turns curated samples into training samples: fetches and checks latents, encodes captions.
 *
 * <p>All latents must have the shape of the first good one. Not thread-safe; whoever calls holds
 * the device.
 */
final class SampleLoader {
    /** At 77 x 1024 fp32 about 160 MB. */
    private static final int CAPTIONS = 512;

    private final StableDiffusion model;
    private final BlobStore blobs;
    private final Map<String, EncodedCaption> captions =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, EncodedCaption> eldest) {
                    return size() > CAPTIONS;
                }
            };
    private long[] shape = {};

    SampleLoader(StableDiffusion model, BlobStore blobs) {
        this.model = model;
        this.blobs = blobs;
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
        var caption =
                captions.computeIfAbsent(sample.getText(), text -> EncodedCaption.of(model, text));
        return new TrainingSample(latents.values(), latents.shape(), caption);
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
