package io.mitune.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Identity;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.schemas.blobs.BlobsUnavailableException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Connections that are cut half-way, and servers that are down or say nothing. */
class S3FaultsTest {
    private static final byte[] MEGABYTE = new byte[1 << 20];
    private static final int HALF = MEGABYTE.length / 2;
    private static final int ALL = Integer.MAX_VALUE;
    private static S3Server server;

    @BeforeAll
    static void start() throws Exception {
        new Random(7).nextBytes(MEGABYTE);
        server = S3Server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aPutCutHalfWayIsNeverSeenAndTheNextAttemptIsWhole() throws Exception {
        try (var proxy = new CuttingProxy(server.endpoint(), 1_000, HALF, ALL)) {
            var store = store(proxy.endpoint(), "cut");
            told("is the endpoint right", () -> store.put("latents", "bin", MEGABYTE));
            assertFalse(server.has("cut/" + expected().getPath()));
        }
        try (var proxy = new CuttingProxy(server.endpoint(), 2, HALF, ALL)) {
            var store = store(proxy.endpoint(), "cut");
            var ref = store.put("latents", "bin", MEGABYTE);
            assertEquals(expected(), ref);
            assertEquals(0, proxy.cutsLeft());
        }
        assertArrayEquals(MEGABYTE, store(server.endpoint(), "cut").get(expected()));
    }

    @Test
    void aPutThatAProxyHandsOnInHalfIsTriedAgain() throws Exception {
        try (var proxy = CuttingProxy.answering(server.endpoint(), 2, HALF)) {
            assertEquals(
                    expected(), store(proxy.endpoint(), "half").put("latents", "bin", MEGABYTE));
            assertEquals(0, proxy.cutsLeft());
        }
        try (var proxy = CuttingProxy.answering(server.endpoint(), 1_000, HALF)) {
            var store = store(proxy.endpoint(), "halves");
            told("found IncompleteBody", () -> store.put("latents", "bin", MEGABYTE));
            assertFalse(server.has("halves/" + expected().getPath()));
        }
    }

    @Test
    void aGetCutHalfWayIsTriedAgain() throws Exception {
        var ref = store(server.endpoint(), "get").put("latents", "bin", MEGABYTE);
        try (var proxy = new CuttingProxy(server.endpoint(), 2, ALL, HALF)) {
            assertArrayEquals(MEGABYTE, store(proxy.endpoint(), "get").get(ref));
            assertEquals(0, proxy.cutsLeft());
        }
        try (var proxy = new CuttingProxy(server.endpoint(), 1_000, ALL, HALF)) {
            told("expected an answer", () -> store(proxy.endpoint(), "get").get(ref));
        }
    }

    @Test
    void aServerThatIsDownIsTold() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        var store = store(URI.create("http://127.0.0.1:" + port), "down");
        told("found ConnectException", () -> store.get(expected()));
    }

    @Test
    void aServerThatSaysNothingEndsInTime() throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            var endpoint = URI.create("http://127.0.0.1:" + silent.getLocalPort());
            var usual = S3Server.settings(endpoint, server.settings().credentials());
            var brief =
                    new S3Settings(
                            usual.endpoint(),
                            usual.region(),
                            true,
                            usual.credentials(),
                            100,
                            Duration.ofMillis(200),
                            Duration.ofSeconds(2));
            var store = BlobStore.on(S3Blobs.open(new S3Place(S3Server.BUCKET, ""), brief));
            long start = System.nanoTime();
            told("expected an answer in time", () -> store.get(expected()));
            assertTrue(System.nanoTime() - start < Duration.ofSeconds(30).toNanos());
        }
    }

    private static BlobRef expected() {
        var sha256 = Identity.sha256(ByteBuffer.wrap(MEGABYTE));
        return BlobRef.newBuilder()
                .setPath("latents/" + sha256.substring(0, 2) + "/" + sha256 + ".bin")
                .setSha256(sha256)
                .setSize(MEGABYTE.length)
                .build();
    }

    private static void told(String part, Executable action) {
        var message = assertThrows(BlobsUnavailableException.class, action).getMessage();
        assertTrue(message.startsWith("blob store s3://") && message.contains(part), message);
        assertFalse(message.contains("\n") || message.contains(S3Server.SECRET), message);
    }

    private static BlobStore store(URI endpoint, String prefix) {
        var settings = S3Server.settings(endpoint, server.settings().credentials());
        return BlobStore.on(S3Blobs.open(new S3Place(S3Server.BUCKET, prefix), settings));
    }
}
