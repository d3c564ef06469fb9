package io.mitune.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.schemas.blobs.BlobsUnavailableException;
import io.mitune.schemas.blobs.StoredBlob;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/** The blob store on a real S3 server that checks signatures. */
class S3BlobsTest {
    private static final byte[] ABC = {'a', 'b', 'c'};
    private static S3Server server;

    @BeforeAll
    static void start() throws Exception {
        server = S3Server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void givesBackWhatWasPutAndAFileOfIt() throws Exception {
        var store = store("round");
        var ref = store.put("previews", "png", ABC);
        assertTrue(server.has("round/" + ref.getPath()));
        assertArrayEquals(ABC, store.get(ref));
        assertArrayEquals(ABC, Files.readAllBytes(store.resolve(ref)));
        assertEquals(store.resolve(ref), store.resolve(ref));
        assertTrue(store.has(ref));
        assertEquals(0, store.get(store.put("previews", "png", new byte[0])).length);
        assertEquals(URI.create("s3://mitune-blobs/round"), store.root());
    }

    @Test
    void takesABufferInsideAnotherAndAnAdapterOfFortyMegabytes() {
        var buffer = ByteBuffer.allocateDirect(5).put(1, ABC).position(1).limit(4);
        var ref = store("").put("latents", "bin", buffer, "F32", List.of(3));
        assertArrayEquals(ABC, store("").get(ref));
        byte[] adapter = new byte[40 << 20];
        new Random(1).nextBytes(adapter);
        var large = store("").put("adapters", "safetensors", adapter);
        assertArrayEquals(adapter, store("").get(large));
    }

    @Test
    void refusesAMissingATamperedAndAShortenedBlob() {
        var store = store("bad");
        var ref = store.put("previews", "png", ABC);
        overwrite("bad/" + ref.getPath(), "abx");
        refused("the file is damaged", () -> store.get(ref));
        refused("the file is damaged", () -> store.resolve(ref));
        overwrite("bad/" + ref.getPath(), "ab");
        refused("expected 3 bytes, found 2", () -> store.get(ref));
        assertFalse(store.has(ref));
        store.put("previews", "png", ABC);
        assertArrayEquals(ABC, store.get(ref), "putting again mends it");
        assertTrue(store.delete(listed(store).get(0)));
        refused("s3://mitune-blobs/bad/" + ref.getPath() + ": expected", () -> store.get(ref));
    }

    @Test
    void refusesReferencesThatWouldLeaveThePrefix() {
        store("other").put("previews", "png", ABC);
        var path = store("mine").put("previews", "png", ABC).getPath();
        for (var bad : List.of("../other/" + path, "/" + path, "s3://mitune-blobs/" + path)) {
            var ref = BlobRef.newBuilder().setPath(bad).setSha256("0").setSize(3).build();
            refused("expected kind/ab/sha256.suffix", () -> store("mine").get(ref));
        }
    }

    @Test
    void listsPageByPageOnlyWhatIsBelowThePrefixAndDeletes() {
        var store = store("many");
        store("many-others").put("previews", "png", ABC);
        overwrite("many/README", "foreign");
        var made =
                IntStream.range(0, 1005)
                        .parallel()
                        .mapToObj(i -> new byte[] {(byte) i, (byte) (i >> 8)})
                        .map(bytes -> store.put("previews", "png", bytes).getPath())
                        .toList();
        var found = listed(store);
        assertEquals(
                made.stream().sorted().toList(),
                found.stream().map(StoredBlob::path).sorted().toList());
        assertTrue(found.stream().allMatch(b -> b.size() == 2));
        var age = Duration.between(found.get(0).modified(), Instant.now());
        assertTrue(age.abs().toHours() == 0, "age " + age);
        assertTrue(store.delete(found.get(0)));
        assertFalse(store.delete(found.get(0)));
        assertEquals(1004, listed(store).size());
        assertEquals(0, store.sweep(Instant.now()));
    }

    @Test
    void aHundredWritersAtOnce() throws Exception {
        var store = store("crowd");
        var pool = Executors.newFixedThreadPool(100);
        try {
            var writes = new ArrayList<Callable<BlobRef>>();
            for (int i = 0; i < 100; i++) {
                byte[] bytes = new byte[64 << 10];
                new Random(i / 2).nextBytes(bytes); // each blob has two writers
                writes.add(() -> store.put("latents", "bin", bytes));
            }
            for (var done : pool.invokeAll(writes)) {
                assertEquals(64 << 10, store.get(done.get()).length);
            }
        } finally {
            pool.shutdownNow();
        }
        assertEquals(50, listed(store).size());
    }

    @Test
    void deniedAndUnknownUsersAndBucketsAreToldInOneLineWithoutSecrets() {
        var forged = S3Server.credentials(S3Server.USER, "wrong-secret");
        unavailable("access denied (SignatureDoesNotMatch)", forged, S3Server.BUCKET);
        var stranger = S3Server.credentials("nobody", "wrong-secret");
        unavailable("access denied (InvalidAccessKeyId)", stranger, S3Server.BUCKET);
        var known = server.settings().credentials();
        unavailable("expected a bucket of this name, found none", known, "no-such-bucket");
        AwsCredentialsProvider none =
                () -> {
                    throw SdkClientException.create("Unable to load credentials from\nany");
                };
        unavailable("expected credentials, found none", none, S3Server.BUCKET);
    }

    private static void unavailable(String part, AwsCredentialsProvider user, String bucket) {
        var store = open(server.endpoint(), user, bucket);
        var ref = store("known").put("previews", "png", ABC);
        told(part, () -> store.put("previews", "png", ABC));
        told(part, () -> store.get(ref));
        told(part, () -> store.list().close());
    }

    private static void told(String part, Executable action) {
        line(assertThrows(BlobsUnavailableException.class, action).getMessage(), part);
    }

    private static void refused(String part, Executable action) {
        line(assertThrows(BlobException.class, action).getMessage(), part);
    }

    private static void line(String message, String part) {
        assertTrue(message.startsWith("blob") && message.contains(part), message);
        assertFalse(message.contains("\n") || message.contains("secret"), message);
    }

    private static BlobStore store(String prefix) {
        return BlobStore.on(S3Blobs.open(new S3Place(S3Server.BUCKET, prefix), server.settings()));
    }

    private static BlobStore open(URI endpoint, AwsCredentialsProvider user, String bucket) {
        return BlobStore.on(
                S3Blobs.open(new S3Place(bucket, "known"), S3Server.settings(endpoint, user)));
    }

    private static void overwrite(String key, String text) {
        S3Blobs.open(new S3Place(S3Server.BUCKET, ""), server.settings())
                .write(key, "", ByteBuffer.wrap(text.getBytes()));
    }

    private static List<StoredBlob> listed(BlobStore store) {
        try (var all = store.list()) {
            return all.toList();
        }
    }
}
