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

/**
 * Gets pictures and latents of samples: from the blob store, or decoded where a picture is missing.
 *
 * <p>Not thread-safe: one tensor job at a time.
 */
final class Materials {
    private static final int MAX_BLOB_BYTES = 1 << 28;
    private static final byte[] PNG_SIGNATURE = {
        (byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'
    };

    private final BlobStore blobs;
    private final Optional<Studio> studio;
    private String encodedText = ""; // a prompt's samples come one after the other
    private Map<String, Tensor> encoded = Map.of();

    Materials(BlobStore blobs, Optional<Studio> studio) {
        this.blobs = blobs;
        this.studio = studio;
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
        if (studio.isEmpty()) {
            throw new BlobException(
                    "picture: expected one in the blob store, found none; --model decodes latents");
        }
        var latents = latents(shot);
        requireModel(shot, studio.get());
        var shape = new Shape(latents.shape());
        var pictures = studio.get().generator().decode(List.of(latents.values()), shape);
        return Png.encode(pictures.get(0), Map.of());
    }

    LatentsBlob.Latents latents(Shot shot) {
        var ref =
                shot.latents()
                        .orElseThrow(
                                () -> new BlobException("latents: expected a blob, found none"));
        return LatentsBlob.get(blobs, bounded(ref));
    }

    /** The text embeddings under the authors' names: prompt_embeds and, where used, the pooled. */
    Map<String, Tensor> embeddings(Shot shot, String text) {
        var by =
                studio.orElseThrow(
                        () -> new BlobException("text embeddings: expected --model, found none"));
        requireModel(shot, by);
        if (!text.equals(encodedText)) {
            var model = by.model();
            try (var encoding = model.encode(model.manager(), List.of(text))) {
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

    private void requireModel(Shot shot, Studio by) {
        var model = by.model();
        if (!shot.modelDigest().equals(model.modelDigest())) {
            throw new BlobException(
                    "model: expected %s, which drew it, found %s in --model"
                            .formatted(shot.modelDigest(), model.modelDigest()));
        }
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
