package io.mitune.s3;

import io.mitune.schemas.blobs.BlobException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/**
 * How to reach an S3 server. Immutable.
 *
 * @param endpoint of an S3-compatible server; empty for AWS
 * @param region empty: as the AWS tools find it
 * @param pathStyle bucket in the path instead of the host name, as most other servers want it
 * @param credentials asked before each request
 * @param attempts of one request, the first among them, with growing pauses between
 * @param silence longest wait for the next byte
 * @param limit longest time of one request with all its attempts
 */
public record S3Settings(
        Optional<URI> endpoint,
        Optional<String> region,
        boolean pathStyle,
        AwsCredentialsProvider credentials,
        int attempts,
        Duration silence,
        Duration limit) {
    private static final int ATTEMPTS = 8;
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /**
     * As the environment says: {@code AWS_ENDPOINT_URL_S3} or {@code AWS_ENDPOINT_URL}, {@code
     * AWS_REGION}, and {@code MITUNE_S3_PATH_STYLE}, which is true with an endpoint unless set.
     * Credentials come from wherever the AWS tools look, in their order: environment, web identity
     * of a pod, profile, role of the machine.
     *
     * @param variable an environment variable, or nothing
     */
    public static S3Settings of(Function<String, Optional<String>> variable) {
        var endpoint =
                Stream.of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
                        .flatMap(name -> variable.apply(name).map(v -> url(name, v)).stream())
                        .findFirst();
        var region =
                Stream.of("AWS_REGION", "AWS_DEFAULT_REGION")
                        .flatMap(name -> variable.apply(name).stream())
                        .findFirst();
        var pathStyle = variable.apply("MITUNE_S3_PATH_STYLE").map(S3Settings::truth);
        return new S3Settings(
                endpoint,
                region.or(() -> endpoint.map(e -> "us-east-1")),
                pathStyle.orElse(endpoint.isPresent()),
                DefaultCredentialsProvider.builder().build(),
                ATTEMPTS,
                SILENCE,
                LIMIT);
    }

    private static URI url(String name, String text) {
        if (!text.matches("https?://[A-Za-z0-9.\\[\\]:_-]+/?")) {
            throw new BlobException(
                    name + ": expected http://HOST:PORT or https://HOST:PORT, found another text");
        }
        return URI.create(text);
    }

    private static boolean truth(String text) {
        if (!text.matches("true|false")) {
            throw new BlobException(
                    "MITUNE_S3_PATH_STYLE: expected true or false, found another text");
        }
        return Boolean.parseBoolean(text);
    }
}
