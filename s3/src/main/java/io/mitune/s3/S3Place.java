package io.mitune.s3;

import io.mitune.schemas.blobs.BlobException;
import java.net.URI;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A bucket and the beginning of the keys in it. Immutable.
 *
 * @param bucket its name
 * @param prefix without slashes at its ends; may be empty
 */
public record S3Place(String bucket, String prefix) {
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern SEGMENT = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9_.=-]{1,255}");

    /**
     * Reads s3://bucket/prefix.
     *
     * @throws BlobException in one line that repeats no user information
     */
    public static S3Place of(URI root) {
        if (root.getRawUserInfo() != null || String.valueOf(root.getAuthority()).contains("@")) {
            throw new BlobException(
                    "blob root: expected s3://bucket/prefix, found user information in it;"
                            + " credentials belong into the environment");
        }
        var bucket = root.getAuthority();
        var path = root.getPath() == null ? "" : root.getPath();
        var prefix = path.replaceAll("^/|/$", "");
        if (!"s3".equalsIgnoreCase(root.getScheme())
                || bucket == null
                || !BUCKET.matcher(bucket).matches()
                || root.getRawQuery() != null
                || root.getRawFragment() != null
                || !(prefix.isEmpty() || isKey(prefix))) {
            throw new BlobException(
                    "blob root: expected s3://bucket/prefix of letters, digits, . _ = and -, found "
                            + root);
        }
        return new S3Place(bucket, prefix);
    }

    URI uri() {
        return URI.create("s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix));
    }

    /** The object's key for a blob's path. */
    String key(String path) {
        return beginning() + path;
    }

    /** The blob's path for an object's key below the prefix. */
    String path(String key) {
        return key.substring(beginning().length());
    }

    /** Of all keys. */
    String beginning() {
        return prefix.isEmpty() ? "" : prefix + "/";
    }

    private static boolean isKey(String prefix) {
        return Arrays.stream(prefix.split("/", -1)).allMatch(s -> SEGMENT.matcher(s).matches());
    }
}
