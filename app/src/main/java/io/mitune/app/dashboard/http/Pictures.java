package io.mitune.app.dashboard.http;

import io.javalin.http.Context;
import io.mitune.app.dashboard.state.Images;
import io.mitune.app.dashboard.state.Sha256;
import io.mitune.app.web.Problem;
import io.mitune.app.web.Thumbnails;
import io.mitune.app.web.WebException;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives out the pictures that events name, whole or small. Thread-safe.
 *
 * <p>Only PNG, and only by the hash of an event that was seen: latents and adapters stay where they
 * are. A picture never changes under its name, so browsers may keep it for ever.
 */
final class Pictures {
    private static final Logger log = LoggerFactory.getLogger(Pictures.class);
    private static final Set<Integer> WIDTHS = new TreeSet<>(Set.of(96, 192, 384, 768));
    private static final long MAX_BYTES = 64 << 20;
    private static final String FOR_EVER = "private, max-age=31536000, immutable";

    private final Images known;
    private final BlobStore blobs;
    private final Thumbnails thumbnails = new Thumbnails();

    Pictures(Images known, BlobStore blobs) {
        this.known = known;
        this.blobs = blobs;
    }

    void serve(Context ctx) {
        var hex = ctx.pathParam("sha256");
        var width = width(ctx);
        var ref =
                Sha256.parse(hex)
                        .flatMap(known::find)
                        .filter(found -> found.getSize() <= MAX_BYTES)
                        .orElseThrow(
                                () -> missing("no event names a picture " + Problem.shown(hex)));
        var etag = '"' + hex.substring(0, 32) + width.map(w -> "-" + w).orElse("") + '"';
        if (etag.equals(ctx.header("If-None-Match"))) {
            ctx.status(304);
        } else {
            ctx.result(bytes(ref, width)).contentType("image/png");
        }
        ctx.header("Cache-Control", FOR_EVER).header("ETag", etag);
    }

    private byte[] bytes(BlobRef ref, Optional<Integer> width) {
        try {
            return width.isPresent()
                    ? thumbnails.get(ref.getSha256(), width.get(), () -> png(ref))
                    : png(ref);
        } catch (BlobException | IOException e) {
            log.debug("picture {}", ref.getSha256(), e);
            throw missing("the picture is not in the blob store, or is damaged");
        }
    }

    private byte[] png(BlobRef ref) throws IOException {
        var bytes = blobs.get(ref);
        if (!Thumbnails.isPng(bytes)) {
            throw new IOException("expected a PNG");
        }
        return bytes;
    }

    private static Optional<Integer> width(Context ctx) {
        var text = ctx.queryParam("width");
        if (text == null) {
            return Optional.empty();
        }
        return WIDTHS.stream()
                .filter(width -> text.equals(Integer.toString(width)))
                .findFirst()
                .or(
                        () -> {
                            throw new WebException(
                                    400,
                                    Problem.of("width", "one of " + WIDTHS, Problem.shown(text)));
                        });
    }

    /** Not to be kept by the browser: the file may come yet. */
    private static WebException missing(String why) {
        return new WebException(404, Problem.of("sha256", "a picture of the stream", why));
    }
}
