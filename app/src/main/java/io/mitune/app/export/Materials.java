package io.mitune.app.export;

import ai.djl.ndarray.types.Shape;
import io.mitune.app.generate.Studio;
import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.generation.LatentsBlob;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Gets pictures and latents of samples: from the blob store, or decoded where a picture is missing.
 *
 * <p>The model is loaded when first needed, since most exports need none, and closed with this. Not
 * thread-safe: one tensor job at a time.
 */
final class Materials implements AutoCloseable {
    private static final int MAX_BLOB_BYTES = 1 << 28;
    private static final byte[] PNG_SIGNATURE = {
        (byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'
    };

    private final BlobStore blobs;
    private final Optional<Supplier<Studio>> model;
    private Studio studio; // null until first needed
    private String encodedText = ""; // a prompt's samples come one after the other
    private Map<String, Tensor> encoded = Map.of();

    /**
     * @param model loads the model that drew the samples, where the user has named one
     */
    Materials(BlobStore blobs, Optional<Supplier<Studio>> model) {
        this.blobs = blobs;
        this.model = model;
    }

    /** The picture as a PNG file: the stored one, else the decoded latents. */
    byte[] picture(Shot shot) {
        if (shot.preview().isPresent()) {
            var bytes = blobs.get(bounded(shot.preview().get()));
            if (!Arrays.equals(bytes, 0, Math.min(8, bytes.length), PNG_SIGNATURE, 0, 8)) {
                throw new BlobException(
                        "blob %s: expected a PNG file, found something else"
                                .formatted(shot.preview().get().getPath()));
            }
            return bytes;
        }
        if (model.isEmpty()) {
            throw new BlobException(
                    "picture: expected one in the blob store, found none; --model decodes latents");
        }
        var latents = latents(shot);
        var shape = new Shape(latents.shape());
        var by = studioFor(shot);
        if (shape.get(0) != by.model().vaeConfig().latentChannels()) {
            throw new BlobException(
                    "latents: expected %d channels as --model has, found %d"
                            .formatted(by.model().vaeConfig().latentChannels(), shape.get(0)));
        }
        var pictures = by.generator().decode(List.of(latents.values()), shape);
        return Png.encode(pictures.get(0), Map.of());
    }

    LatentsBlob.Latents latents(Shot shot) {
        var ref =
                shot.latents()
                        .orElseThrow(
                                () -> new BlobException("latents: expected a blob, found none"));
        var latents = LatentsBlob.get(blobs, bounded(ref));
        for (var value : latents.values()) {
            if (!Float.isFinite(value)) {
                throw new BlobException(
                        "blob %s: expected finite latents, found %s"
                                .formatted(ref.getPath(), value));
            }
        }
        return latents;
    }

    /** The text embeddings under the authors' names: prompt_embeds and, where used, the pooled. */
    Map<String, Tensor> embeddings(Shot shot, String text) {
        var by = studioFor(shot).model();
        if (!text.equals(encodedText)) {
            try (var encoding = by.encode(by.manager(), List.of(text))) {
                var tensors = new LinkedHashMap<String, Tensor>();
                tensors.put("prompt_embeds", Tensor.f32(encoding.encoderHiddenStates()));
                encoding.pooled()
                        .ifPresent(p -> tensors.put("pooled_prompt_embeds", Tensor.f32(p)));
                encoded = tensors;
                encodedText = text;
            }
        }
        return encoded;
    }

    @Override
    public void close() {
        if (studio != null) {
            studio.close();
        }
    }

    private Studio studioFor(Shot shot) {
        if (studio == null) {
            studio =
                    model.orElseThrow(() -> new BlobException("--model: expected one, found none"))
                            .get();
        }
        var digest = studio.model().modelDigest();
        if (!shot.modelDigest().equals(digest)) {
            throw new BlobException(
                    "model: expected %s, which drew it, found %s in --model"
                            .formatted(shot.modelDigest(), digest));
        }
        return studio;
    }

    private static BlobRef bounded(BlobRef ref) {
        if (ref.getSize() > MAX_BLOB_BYTES) {
            throw new BlobException(
                    "blob %s: expected at most %d bytes, found %d"
                            .formatted(ref.getPath(), MAX_BLOB_BYTES, ref.getSize()));
        }
        return ref;
    }
}
