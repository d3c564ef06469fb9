package io.mitune.app.survey;

import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pictures in files and blobs, of a size that can be read at once. Stateless. */
final class PictureFiles {
    private static final long MAX_BYTES = 64 << 20;

    private PictureFiles() {}

    static PictureSource at(Path file) {
        return () -> {
            requireSize(file.toString(), Files.size(file));
            return Files.readAllBytes(file);
        };
    }

    static PictureSource at(BlobStore blobs, BlobRef ref) {
        return () -> {
            requireSize(ref.getSha256(), ref.getSize());
            try {
                return blobs.get(ref);
            } catch (BlobException e) {
                throw new IOException(e.getMessage(), e);
            }
        };
    }

    private static void requireSize(String where, long bytes) throws IOException {
        if (bytes > MAX_BYTES) {
            throw new IOException(
                    "%s: expected at most %d bytes, found %d".formatted(where, MAX_BYTES, bytes));
        }
    }
}
