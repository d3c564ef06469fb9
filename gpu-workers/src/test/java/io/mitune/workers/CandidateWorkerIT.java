package io.mitune.workers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.image.Png;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.EvaluationTask;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.generation.LatentsBlob;
import io.mitune.workers.queue.QueueConfig;
import io.mitune.workers.support.Cluster;
import io.mitune.workers.support.DemoModel;
import io.mitune.workers.support.Eventually;
import io.mitune.workers.support.Tasks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worker on the demo model and a real broker, with few steps. */
class CandidateWorkerIT {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final String TEXT = "a red circle and a blue square";

    @TempDir static Path directory;
    private static Cluster cluster;
    private static BlobStore blobs;

    @BeforeAll
    static void start() {
        cluster = Cluster.start(directory);
        blobs = BlobStore.at(directory.resolve("blobs"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void sameTaskGivesTheSameCandidatesOnAnyWorker() {
        var connection = cluster.connection("same.");
        var task = Tasks.generation(TEXT, 5, 2);
        send(connection, task);
        try (var worker = new Running(connection, "one")) {
            worker.await(() -> candidates(connection).size() == 5);
        }
        send(connection, task);
        try (var worker = new Running(connection, "two")) {
            worker.await(() -> candidates(connection).size() == 10);
        }
        var first = by("one", connection);
        var second = by("two", connection);
        for (int i = 0; i < 5; i++) {
            var a = first.get(i);
            assertEquals(i, a.getIndex());
            assertEquals(Identity.candidateSeed(42, task.getPromptId(), i), a.getSeed());
            assertNull(a.getFailure());
            assertTrue(a.getMi() > 0, "score " + a.getMi());
            assertEquals(4, a.getMiTerms().size());
            assertEquals(4, a.getTimesteps().size());
            assertEquals(4, a.getMiWeights().size());
            assertEquals(List.of(1, 4, 8, 8), a.getLatents().getShape());
            assertEquals(64, Png.decode(blobs.get(a.getPreview())).image().width());
            assertSame(a, second.get(i));
        }
        assertNotEquals(first.get(0).getLatents(), first.get(1).getLatents());
    }

    private static void assertSame(Candidate a, Candidate b) {
        var same =
                Candidate.newBuilder(b)
                        .setWorker(a.getWorker())
                        .setSeconds(a.getSeconds())
                        .setCreatedAt(a.getCreatedAt())
                        .build();
        assertEquals(a, same, "but for worker and time, a repeated candidate is the same");
    }

    @Test
    void adapterIsSwappedBetweenTasksAndABadOneIsADeadLetter() {
        var connection = cluster.connection("adapters.");
        BlobRef good = DemoModel.adapter(blobs, directory, 0.02f);
        BlobRef missing =
                BlobRef.newBuilder(good)
                        .setSha256("0".repeat(64))
                        .setPath("adapters/00/" + "0".repeat(64) + ".safetensors")
                        .build();
        BlobRef noAdapter =
                LatentsBlob.put(
                        blobs, new LatentsBlob.Latents(new long[] {1, 1, 1}, new float[] {1}));
        send(connection, Tasks.generation(TEXT, 1, 1));
        send(connection, withAdapter(good, 1));
        send(connection, withAdapter(missing, 2));
        send(connection, withAdapter(noAdapter, 3));
        send(connection, withModel("0".repeat(64)));
        send(connection, withSteps(5000));
        send(connection, Tasks.generation(TEXT, 1, 1));
        try (var worker = new Running(connection, "one")) {
            worker.await(() -> letters(connection).size() == 4);
            worker.await(() -> candidates(connection).size() == 3);
        }
        var found = candidates(connection);
        var base = found.stream().filter(c -> c.getAdapterVersion() == 0).toList();
        var adapted = found.stream().filter(c -> c.getAdapterVersion() == 1).toList();
        assertEquals(2, base.size());
        assertEquals(base.get(0).getLatents(), base.get(1).getLatents());
        assertNotEquals(base.get(0).getLatents(), adapted.get(0).getLatents());
        var reasons = String.join("\n", letters(connection));
        assertTrue(reasons.contains("expected a file, found none"), reasons);
        assertTrue(reasons.contains("expected keys such as unet."), reasons);
        assertTrue(reasons.contains("model: expected 0000"), reasons);
        assertTrue(reasons.contains("steps: expected 1 to 1000, found 5000"), reasons);
    }

    @Test
    void latentsThatAreNoNumbersBecomeAFailureWithoutABlob() {
        var connection = cluster.connection("broken.");
        send(connection, withAdapter(DemoModel.brokenAdapter(blobs, directory), 1));
        try (var worker = new Running(connection, "one")) {
            worker.await(() -> candidates(connection).size() == 1);
        }
        var candidate = candidates(connection).get(0);
        assertNotNull(candidate.getFailure());
        assertTrue(candidate.getFailure().contains("expected finite numbers"));
        assertTrue(Double.isNaN(candidate.getMi()));
        assertNull(candidate.getLatents());
        assertNull(candidate.getPreview());
    }

    @Test
    void evaluationsOfTwoVersionsPairUp() {
        var connection = cluster.connection("evaluate.");
        send(connection, evaluation(0, null));
        send(connection, evaluation(1, DemoModel.adapter(blobs, directory, 1e-6f)));
        send(connection, evaluation(2, DemoModel.adapter(blobs, directory, 0.05f)));
        try (var worker = new Running(connection, "one")) {
            worker.await(() -> evaluations(connection).size() == 3);
        }
        var found = evaluations(connection);
        var base = found.get(0);
        assertEquals(6, base.getImages());
        assertEquals(3, base.getPromptMi().size());
        assertEquals(0, base.getAdapterNorm());
        double mean = base.getPromptMi().stream().mapToDouble(d -> d).average().orElseThrow();
        assertEquals(mean, base.getMeanMi(), 1e-9);
        assertTrue(base.getStandardErrorMi() > 0);
        assertTrue(base.getFinite());
        assertTrue(Png.decode(blobs.get(base.getSheet())).image().height() > 3 * 64);
        var tiny = found.get(1);
        assertEquals(base.getMeanMi(), tiny.getMeanMi(), 1e-2 * base.getMeanMi());
        assertTrue(base.getDiversity() > 0.01, "diversity " + base.getDiversity());
        assertEquals(base.getDiversity(), tiny.getDiversity(), 1e-2);
        assertTrue(tiny.getAdapterNorm() < 1e-3, "norm " + tiny.getAdapterNorm());
        assertTrue(found.get(2).getAdapterNorm() > 0.01, "norm " + found.get(2).getAdapterNorm());
        assertNotEquals(base.getMeanMi(), found.get(2).getMeanMi());
    }

    private static GenerationTask withAdapter(BlobRef adapter, int version) {
        return GenerationTask.newBuilder(Tasks.generation(TEXT, 1, 1))
                .setAdapter(adapter)
                .setAdapterVersion(version)
                .build();
    }

    private static GenerationTask withModel(String digest) {
        return GenerationTask.newBuilder(Tasks.generation(TEXT, 1, 1)).setModel(digest).build();
    }

    private static GenerationTask withSteps(int steps) {
        return GenerationTask.newBuilder(Tasks.generation(TEXT, 1, 1))
                .setSampling(Tasks.sampling(steps))
                .build();
    }

    private static EvaluationTask evaluation(int version, BlobRef adapter) {
        return EvaluationTask.newBuilder()
                .setTaskId("run/" + version)
                .setRun("run")
                .setVersion(version)
                .setRound(version)
                .setAdapter(adapter)
                .setPrompts(List.of(TEXT, "a green star", "two red squares"))
                .setImagesPerPrompt(2)
                .setSeed(5)
                .setSampling(Tasks.sampling(4))
                .setMicroBatch(4)
                .build();
    }

    private static void send(Connection connection, GenerationTask task) {
        Cluster.send(connection, connection.topics().generationTasks(), "one key", task);
    }

    private static void send(Connection connection, EvaluationTask task) {
        Cluster.send(connection, connection.topics().evaluationTasks(), "one key", task);
    }

    private static List<Candidate> candidates(Connection connection) {
        return Cluster.values(connection, connection.topics().candidates());
    }

    private static List<Evaluation> evaluations(Connection connection) {
        return Cluster.values(connection, connection.topics().evaluations());
    }

    private static List<Candidate> by(String worker, Connection connection) {
        return candidates(connection).stream()
                .filter(c -> c.getWorker().equals(worker))
                .sorted(Comparator.comparingInt(Candidate::getIndex))
                .toList();
    }

    private static List<String> letters(Connection connection) {
        return Cluster.read(connection, connection.topics().deadLetters()).stream()
                .map(r -> r.headers().lastHeader(DeadLetters.MESSAGE).value())
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .toList();
    }

    /** A worker on a thread of its own. */
    private static final class Running implements AutoCloseable {
        private final CandidateWorker worker;
        private final CompletableFuture<Void> ended;

        Running(Connection connection, String name) {
            var config =
                    WorkerConfig.of(DemoModel.DIRECTORY, "", name)
                            .withQueue(QueueConfig.of(connection.topics().prompts().name(), name));
            worker =
                    new CandidateWorker(
                            connection, blobs, config, new DeviceLock(), WorkerListener.NONE);
            ended = CompletableFuture.runAsync(worker::run);
        }

        void await(java.util.function.BooleanSupplier condition) {
            Eventually.holds(
                    "what the worker should do",
                    LIMIT,
                    () -> {
                        if (ended.isDone()) {
                            ended.join();
                        }
                        return condition.getAsBoolean();
                    });
        }

        @Override
        public void close() {
            worker.stop();
            ended.join();
            worker.close();
        }
    }
}
