package io.mitune.workers.training;

import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.text.ClipTokenizer;
import io.mitune.diffusion.training.EncodedCaption;
import io.mitune.diffusion.training.TrainingSample;
import io.mitune.schemas.Identity;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.training.Round.Arrival;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The samples of a round, ready to train on.
 *
 * @param candidateIds in the order of training
 * @param samples in the same order
 * @param refused samples that can't be trained on, with the reason
 * @param oldestAdapter the oldest adapter version that a sample was drawn with
 * @param empty the caption "", for dropout
 */
record RoundSamples(
        List<String> candidateIds,
        List<TrainingSample> samples,
        List<Refused> refused,
        int oldestAdapter,
        EncodedCaption empty) {

    /** A sample that is left out. */
    record Refused(Arrival arrival, String reason) {}

    /** SHA-256 over the candidateIds, one a line. */
    String digest() {
        return Identity.sha256(lines(candidateIds).getBytes(StandardCharsets.UTF_8));
    }

    /** One id a line; the form of the blob that a version's event names. */
    static String lines(List<String> candidateIds) {
        var lines = new StringBuilder();
        candidateIds.forEach(id -> lines.append(id).append('\n'));
        return lines.toString();
    }

    /**
     * Loads latents and encodes captions, after which the text encoders are freed; whoever calls
     * holds the device. All latents must have the shape of the first good one.
     */
    static RoundSamples load(StableDiffusion model, BlobStore blobs, List<Arrival> arrivals) {
        var captions = captions(model, arrivals);
        var loader =
                new SampleLoader(
                        model,
                        blobs,
                        text -> captions.computeIfAbsent(text, t -> EncodedCaption.of(model, t)));
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
        model.text().release();
        return new RoundSamples(ids, samples, refused, oldest, captions.get(""));
    }

    /** The round's captions and "", encoded together; what is no prompt is left to be refused. */
    private static Map<String, EncodedCaption> captions(
            StableDiffusion model, List<Arrival> arrivals) {
        var texts =
                Stream.concat(Stream.of(""), arrivals.stream().map(a -> a.sample().getText()))
                        .filter(text -> text.length() <= ClipTokenizer.MAX_CHARACTERS)
                        .distinct()
                        .toList();
        var encoded = EncodedCaption.of(model, texts);
        var captions = new HashMap<String, EncodedCaption>();
        for (int i = 0; i < texts.size(); i++) {
            captions.put(texts.get(i), encoded.get(i));
        }
        return captions;
    }
}
