package io.mitune.app.report;

import io.mitune.app.report.Report.Mark;
import io.mitune.app.report.Report.Picture;
import io.mitune.app.web.Thumbnails;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobStore;
import java.io.IOException;
import java.util.Optional;

/**
 * The pictures of a page, small enough to be mailed: each is scaled down, and after so many bytes
 * there are no more. One that is missing or no picture is counted and left out. Belongs to one
 * thread.
 */
final class RunPictures {
    private static final long MAX_BYTES = 24 << 20;

    private final BlobStore blobs;
    private final Thumbnails thumbnails = new Thumbnails();
    private long bytes;
    private int left;

    RunPictures(BlobStore blobs) {
        this.blobs = blobs;
    }

    /** The picture, unless it cannot be shown. */
    Optional<Picture> get(BlobRef ref, int width, String label, Mark mark) {
        if (ref == null || bytes > MAX_BYTES) {
            left++;
            return Optional.empty();
        }
        try {
            var png = thumbnails.get(ref.getSha256(), width, () -> blobs.get(ref));
            if (!Thumbnails.isPng(png) || bytes + png.length > MAX_BYTES) {
                left++;
                return Optional.empty();
            }
            bytes += png.length;
            return Optional.of(new Picture(png, label, mark));
        } catch (IOException | RuntimeException e) {
            left++;
            return Optional.empty();
        }
    }

    /** Pictures that were asked for and are not there. */
    int left() {
        return left;
    }
}
