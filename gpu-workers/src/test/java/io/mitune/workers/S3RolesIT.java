package io.mitune.workers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.s3.S3Blobs;
import io.mitune.s3.S3Place;
import io.mitune.s3.S3Server;
import io.mitune.s3.S3Settings;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.schemas.blobs.BlobsUnavailableException;
import io.mitune.workers.queue.QueueConfig;
import io.mitune.workers.support.Cluster;
import io.mitune.workers.support.DemoModel;
import io.mitune.workers.support.Eventually;
import io.mitune.workers.support.Tasks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worker with its blobs on a real S3 server; its latents are those of a directory. */
class S3RolesIT {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final String TEXT = "a red circle and a blue square";

    @TempDir static Path directory;
    private static Cluster cluster;
    private static S3Server server;

    @BeforeAll
    static void start() throws Exception {
        cluster = Cluster.start(directory);
        server = S3Server.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
        server.close();
    }

    @Test
    void aWorkerDrawsTheSameOnS3AsInADirectory() {
        var connection = cluster.connection("same.");
        var s3 = s3(server.settings());
        var local = BlobStore.at(directory.resolve("blobs"));
        var adapter = DemoModel.adapter(s3, directory, 0.02f);
        assertEquals(adapter, DemoModel.adapter(local, directory, 0.02f));
        var task =
                GenerationTask.newBuilder(Tasks.generation(TEXT, 2, 2))
                        .setAdapter(adapter)
                        .setAdapterVersion(1)
                        .build();
        var onS3 = drawn(connection, task, s3, "s3");
        var inDirectory = drawn(connection, task, local, "local");
        for (int i = 0; i < 2; i++) {
            assertEquals(inDirectory.get(i).getLatents(), onS3.get(i).getLatents());
            var preview = onS3.get(i).getPreview();
            assertArrayEquals(local.get(preview), s3.get(preview));
        }
    }

    @Test
    void aStoreThatRefusesCostsNoTask() {
        var connection = cluster.connection("denied.");
        send(connection, Tasks.generation(TEXT, 1, 1));
        var forged = S3Server.credentials(S3Server.USER, "wrong");
        var denied = s3(S3Server.settings(server.endpoint(), forged));
        assertThrows(BlobsUnavailableException.class, denied::requireAnswer);
        var tries = new Tries();
        try (var worker = worker(connection, denied, "denied", tries)) {
            var ended = CompletableFuture.runAsync(worker::run);
            Eventually.holds("a second try", LIMIT, () -> ended.isDone() || tries.count() >= 2);
            worker.stop();
            ended.join();
        }
        assertEquals(0, Cluster.read(connection, connection.topics().deadLetters()).size());
        try (var worker = worker(connection, s3(server.settings()), "allowed")) {
            var ended = CompletableFuture.runAsync(worker::run);
            Eventually.holds("the task", LIMIT, () -> candidates(connection).size() == 1);
            worker.stop();
            ended.join();
        }
    }

    @Test
    void aWorkerKeepsItsTaskWhileTheStoreIsAway() throws Exception {
        var connection = cluster.connection("away.");
        send(connection, Tasks.generation(TEXT, 1, 1));
        var own = S3Server.start();
        int port = own.endpoint().getPort();
        var store = s3(own.settings());
        own.close();
        assertThrows(BlobsUnavailableException.class, store::requireAnswer);
        var tries = new Tries();
        try (var worker = worker(connection, store, "patient", tries)) {
            var ended = CompletableFuture.runAsync(worker::run);
            Eventually.holds("a second try", LIMIT, () -> ended.isDone() || tries.count() >= 2);
            try (var back = S3Server.start(port)) {
                store.requireAnswer();
                Eventually.holds(
                        "the task",
                        LIMIT,
                        () -> ended.isDone() || candidates(connection).size() == 1);
                worker.stop();
                ended.join();
                var latents = candidates(connection).get(0).getLatents();
                assertTrue(back.has("run/" + latents.getPath()));
            }
        }
        assertEquals(0, Cluster.read(connection, connection.topics().deadLetters()).size());
    }

    private static List<Candidate> drawn(
            Connection connection, GenerationTask task, BlobStore blobs, String name) {
        send(connection, task);
        try (var worker = worker(connection, blobs, name)) {
            var ended = CompletableFuture.runAsync(worker::run);
            Eventually.holds(name, LIMIT, () -> ended.isDone() || by(name, connection).size() == 2);
            worker.stop();
            ended.join();
        }
        return by(name, connection);
    }

    private static CandidateWorker worker(Connection connection, BlobStore blobs, String name) {
        return worker(connection, blobs, name, WorkerListener.NONE);
    }

    private static CandidateWorker worker(
            Connection connection, BlobStore blobs, String name, WorkerListener listener) {
        var group = connection.topics().prompts().name();
        var config =
                WorkerConfig.of(DemoModel.DIRECTORY, "", name)
                        .withQueue(QueueConfig.of(group, name));
        return new CandidateWorker(connection, blobs, config, new DeviceLock(), listener);
    }

    private static BlobStore s3(S3Settings settings) {
        return BlobStore.on(S3Blobs.open(new S3Place(S3Server.BUCKET, "run"), settings));
    }

    private static void send(Connection connection, GenerationTask task) {
        Cluster.send(connection, connection.topics().generationTasks(), "one key", task);
    }

    private static List<Candidate> candidates(Connection connection) {
        return Cluster.values(connection, connection.topics().candidates());
    }

    private static List<Candidate> by(String worker, Connection connection) {
        return candidates(connection).stream()
                .filter(c -> c.getWorker().equals(worker))
                .sorted(Comparator.comparingInt(Candidate::getIndex))
                .toList();
    }

    /** How often a task was begun. */
    private static final class Tries implements WorkerListener {
        private final AtomicInteger begun = new AtomicInteger();

        @Override
        public void started(String taskId, String text, int images) {
            begun.incrementAndGet();
        }

        int count() {
            return begun.get();
        }
    }
}
