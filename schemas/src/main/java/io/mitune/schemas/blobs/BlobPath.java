package io.mitune.schemas.blobs;

import io.mitune.schemas.BlobRef;
import java.util.regex.Pattern;

/**
 * The one form of a blob's path, {@code kind/ab/sha256.suffix}.
 *
 * <p>A reference comes from outside: a path of this form can only ever name something below the
 * root, whatever the store. Stateless.
 */
final class BlobPath {
    private static final Pattern KIND = Pattern.compile("[a-z][a-z0-9-]{0,63}");
    private static final Pattern SUFFIX = Pattern.compile("[a-z0-9]{1,16}(\\.[a-z0-9]{1,16})?");
    private static final Pattern PATH =
            Pattern.compile(
                    "(" + KIND + ")/([0-9a-f]{2})/(\\2[0-9a-f]{62})\\." + "(" + SUFFIX + ")");

    private BlobPath() {}

    static String of(String kind, String sha256, String suffix) {
        if (!KIND.matcher(kind).matches() || !SUFFIX.matcher(suffix).matches()) {
            throw new IllegalArgumentException(
                    "blob kind and suffix: expected lower-case words, found '%s' and '%s'"
                            .formatted(kind, suffix));
        }
        return kind + "/" + sha256.substring(0, 2) + "/" + sha256 + "." + suffix;
    }

    /** The path of a reference, when it has the form and names its own hash. */
    static String of(BlobRef ref) {
        var parts = PATH.matcher(ref.getPath());
        if (!parts.matches() || !parts.group(3).equals(ref.getSha256())) {
            throw new BlobException(
                    "blob reference: expected kind/ab/sha256.suffix with its own sha256, found '%s'"
                            .formatted(Reason.printable(ref.getPath())));
        }
        return ref.getPath();
    }

    static boolean isOne(String path) {
        return PATH.matcher(path).matches();
    }
}
