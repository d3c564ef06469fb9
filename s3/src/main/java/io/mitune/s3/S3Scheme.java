package io.mitune.s3;

import io.mitune.schemas.blobs.BlobBackend;
import io.mitune.schemas.blobs.BlobScheme;
import java.net.URI;
import java.util.Optional;

/** Opens s3://bucket/prefix with the settings of the environment; stateless. */
public final class S3Scheme implements BlobScheme {
    @Override
    public String name() {
        return "s3";
    }

    @Override
    public BlobBackend open(URI root) {
        return S3Blobs.open(
                S3Place.of(root),
                S3Settings.of(
                        name ->
                                Optional.ofNullable(System.getenv(name))
                                        .filter(value -> !value.isBlank())));
    }
}
