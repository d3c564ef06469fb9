package io.mitune.s3;

import static io.mitune.s3.S3Faults.told;

import io.mitune.schemas.blobs.BlobBackend;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.schemas.blobs.LocalCopies;
import io.mitune.schemas.blobs.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Blobs in a bucket of S3, or of a server that speaks its protocol.
 *
 * <p>One PUT makes an object visible whole or not at all, so there are no temporary names, and a
 * writer that is killed leaves nothing. Content-MD5 lets the server refuse bytes that were changed
 * on the way; readers check the sha256. The newer checksums of the AWS client are off: many
 * compatible servers do not know them. Holds no threads; thread-safe.
 */
public final class S3Blobs implements BlobBackend {
    private final S3Client client;
    private final S3Place place;
    private final LocalCopies copies = LocalCopies.usual();

    private S3Blobs(S3Client client, S3Place place) {
        this.client = client;
        this.place = place;
    }

    /** The store at this place; nothing is asked of it yet. */
    public static S3Blobs open(S3Place place, S3Settings settings) {
        return new S3Blobs(told(place, () -> client(settings)), place);
    }

    private static S3Client client(S3Settings s) {
        var retries =
                AwsRetryStrategy.standardRetryStrategy().toBuilder()
                        .maxAttempts(s.attempts())
                        .retryOnException(S3Faults::isBrokenOnTheWay)
                        .build();
        var builder =
                S3Client.builder()
                        .forcePathStyle(s.pathStyle())
                        .credentialsProvider(s.credentials())
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .httpClientBuilder(
                                UrlConnectionHttpClient.builder()
                                        .connectionTimeout(Duration.ofSeconds(5))
                                        .socketTimeout(s.silence()))
                        .overrideConfiguration(
                                o -> o.retryStrategy(retries).apiCallTimeout(s.limit()));
        s.region().map(Region::of).ifPresent(builder::region);
        s.endpoint().ifPresent(builder::endpointOverride);
        return builder.build();
    }

    @Override
    public URI root() {
        return place.uri();
    }

    @Override
    public String name(String path) {
        return "s3://" + place.bucket() + "/" + place.key(path);
    }

    @Override
    public void write(String path, String sha256, ByteBuffer bytes) {
        var md5 = md5(bytes.duplicate());
        var body = RequestBody.fromRemainingByteBuffer(bytes);
        told(
                place,
                () ->
                        client.putObject(
                                r -> r.bucket(place.bucket()).key(place.key(path)).contentMD5(md5),
                                body));
    }

    @Override
    public OptionalLong size(String path) {
        return told(
                place,
                () -> {
                    try {
                        var head =
                                client.headObject(
                                        r -> r.bucket(place.bucket()).key(place.key(path)));
                        return OptionalLong.of(head.contentLength());
                    } catch (S3Exception e) {
                        return absentOr(e);
                    }
                });
    }

    @Override
    public byte[] read(String path, long size) {
        var read = told(place, () -> fetch(path, size));
        BlobStore.requireSize(name(path), size, read.size());
        return read.bytes();
    }

    @Override
    public Path file(String path, String sha256, long size) throws IOException {
        return copies.file(
                sha256,
                () -> {
                    var bytes = read(path, size);
                    BlobStore.requireHash(name(path), sha256, bytes);
                    return bytes;
                });
    }

    @Override
    public Stream<StoredBlob> list() {
        return Stream.iterate(
                        Optional.of(page(null)),
                        Optional::isPresent,
                        page ->
                                page.filter(ListObjectsV2Response::isTruncated)
                                        .map(p -> page(p.nextContinuationToken())))
                .flatMap(page -> page.get().contents().stream())
                .map(o -> new StoredBlob(place.path(o.key()), o.size(), o.lastModified()));
    }

    @Override
    public boolean delete(String path) {
        boolean was = size(path).isPresent();
        told(place, () -> client.deleteObject(r -> r.bucket(place.bucket()).key(place.key(path))));
        return was;
    }

    /** Nothing is ever left behind. */
    @Override
    public int sweep(Instant before) {
        return 0;
    }

    /** What a GET found: its size, and the bytes if that is the size expected. */
    private record Fetched(OptionalLong size, byte[] bytes) {}

    private Fetched fetch(String path, long size) {
        try {
            return client.getObject(
                    r -> r.bucket(place.bucket()).key(place.key(path)),
                    (response, body) -> fetched(response, body, size));
        } catch (S3Exception e) {
            return new Fetched(absentOr(e), new byte[0]);
        }
    }

    private static Fetched fetched(GetObjectResponse response, InputStream body, long size) {
        var found = OptionalLong.of(response.contentLength());
        if (response.contentLength() != size) {
            return new Fetched(found, new byte[0]);
        }
        try {
            byte[] bytes = body.readNBytes(Math.toIntExact(size));
            if (bytes.length != size) {
                throw new IOException("the connection ended early");
            }
            return new Fetched(found, bytes);
        } catch (IOException e) {
            throw RetryableException.create("body", e);
        }
    }

    private static OptionalLong absentOr(S3Exception e) {
        if (S3Faults.isMissing(e)) {
            return OptionalLong.empty();
        }
        throw e;
    }

    private ListObjectsV2Response page(String continuation) {
        return told(
                place,
                () ->
                        client.listObjectsV2(
                                r ->
                                        r.bucket(place.bucket())
                                                .prefix(place.beginning())
                                                .continuationToken(continuation)));
    }

    private static String md5(ByteBuffer bytes) {
        try {
            var digest = MessageDigest.getInstance("MD5");
            digest.update(bytes);
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
