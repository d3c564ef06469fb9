package io.mitune.workers.training;

import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.training.TrainingSample;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.generation.LatentsBlob;
import io.mitune.workers.training.Round.Arrival;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The samples of a round, ready to train on.
 *
 * @param candidateIds in the order of training
 * @param samples in the same order
 * @param refused samples that can't be trained on, with the reason
 * @param oldestAdapter the oldest adapter version that a sample was drawn with
 */
record RoundSamples(
        List<String> candidateIds,
        List<TrainingSample> samples,
        List<Refused> refused,
        int oldestAdapter) {

    /** A sample that is left out. */
    record Refused(Arrival arrival, String reason) {}

    /** SHA-256 over the candidateIds, one a line. */
    String digest() {
        var lines = new StringBuilder();
        candidateIds.forEach(id -> lines.append(id).append('\n'));
        return Identity.sha256(lines.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /**
     * Loads latents and encodes captions; whoever calls holds the device. All latents must have the
     * shape of the first good one.
     */
    static RoundSamples load(StableDiffusion model, BlobStore blobs, List<Arrival> arrivals) {
        var loader = new Loader(model, blobs);
        var ids = new ArrayList<String>();
        var samples = new ArrayList<TrainingSample>();
        var refused = new ArrayList<Refused>();
        int oldest = Integer.MAX_VALUE;
        for (var arrival : arrivals) {
            try {
                samples.add(loader.load(arrival.sample()));
                ids.add(arrival.sample().getCandidateId());
                oldest = Math.min(oldest, arrival.sample().getAdapterVersion());
            } catch (BlobException | IllegalArgumentException e) {
                refused.add(new Refused(arrival, e.getMessage()));
            }
        }
        return new RoundSamples(ids, samples, refused, oldest);
    }

    /** The encoding of a caption, [L, D] row-major, with its shape. */
    record Caption(float[] values, long[] shape) {
        static Caption of(StableDiffusion model, String text) {
            try (var encoding = model.encode(model.manager(), List.of(text))) {
                long[] shape = encoding.getShape().getShape();
                return new Caption(encoding.toFloatArray(), new long[] {shape[1], shape[2]});
            }
        }
    }

    private static final class Loader {
        private final StableDiffusion model;
        private final BlobStore blobs;
        private final Map<String, Caption> captions = new HashMap<>();
        private long[] shape = {};

        Loader(StableDiffusion model, BlobStore blobs) {
            this.model = model;
            this.blobs = blobs;
        }

        TrainingSample load(CuratedSample sample) {
            String id = sample.getCandidateId();
            String expected =
                    Identity.candidateId(
                            sample.getPromptId(), sample.getRound(), sample.getIndex());
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
                    captions.computeIfAbsent(sample.getText(), text -> Caption.of(model, text));
            return new TrainingSample(
                    latents.values(), latents.shape(), caption.values(), caption.shape());
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
}
