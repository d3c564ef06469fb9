package io.mitune.s3;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * A real S3 server in this JVM on the loopback: it checks signatures (V4) and keeps objects in
 * memory.
 */
public final class S3Server implements AutoCloseable {
    /** More than the five idle connections that Java keeps, all of which may have been closed. */
    private static final int ATTEMPTS = 6;

    public static final String BUCKET = "mitune-blobs";
    public static final String USER = "tester";
    public static final String SECRET = "a-secret-for-tests";

    private final S3Proxy server;
    private final BlobStore objects;

    private S3Server(S3Proxy server, BlobStore objects) {
        this.server = server;
        this.objects = objects;
    }

    /** On a free port, with an empty bucket. */
    public static S3Server start() throws Exception {
        return start(0);
    }

    /** On this port, with an empty bucket. */
    public static S3Server start(int port) throws Exception {
        var objects = new TransientNio2BlobStore();
        objects.createContainer(BUCKET);
        var server =
                S3Proxy.builder()
                        .blobStore(objects)
                        .endpoint(URI.create("http://127.0.0.1:" + port))
                        .awsAuthentication(AuthenticationType.AWS_V4, USER, SECRET)
                        .build();
        server.start();
        return new S3Server(server, objects);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    /** What a client needs, with few attempts. */
    public S3Settings settings() {
        return settings(endpoint(), credentials(USER, SECRET));
    }

    public static S3Settings settings(URI endpoint, AwsCredentialsProvider credentials) {
        return new S3Settings(
                Optional.of(endpoint),
                Optional.of("us-east-1"),
                true,
                credentials,
                ATTEMPTS,
                Duration.ofSeconds(20),
                Duration.ofSeconds(60));
    }

    public static AwsCredentialsProvider credentials(String user, String secret) {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(user, secret));
    }

    /** Whether there is an object of this key. */
    public boolean has(String key) {
        return objects.blobExists(BUCKET, key);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("S3 server: cannot stop", e);
        }
    }
}
