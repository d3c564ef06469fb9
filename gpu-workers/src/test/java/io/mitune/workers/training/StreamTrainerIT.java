package io.mitune.workers.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.TrainingStep;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.TrainerListener;
import io.mitune.workers.support.Child;
import io.mitune.workers.support.Cluster;
import io.mitune.workers.support.Eventually;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer in stream mode: one curated log gives one line of adapters. */
class StreamTrainerIT {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final int ROUNDS = 8;

    @TempDir static Path directory;
    private static Cluster cluster;
    private static BlobStore blobs;
    private static List<CuratedSample> samples;

    @BeforeAll
    static void start() {
        cluster = Cluster.start(directory);
        blobs = BlobStore.at(directory.resolve("blobs"));
        String digest = TrainerFixture.modelDigest();
        samples = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            samples.addAll(TrainerFixture.round(round, digest, blobs));
        }
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void killedAtAnyStepAndFedSlowlyItGivesTheSameVersions() {
        long seed = System.nanoTime();
        System.out.println("StreamTrainerIT kill seed " + seed);
        var all = cluster.connection("all.");
        allow(all, 0);
        send(all, samples);
        var busy = new Busy();
        train("all.", all, busy).join();
        assertEquals(TrainerFixture.STREAM_STEPS, busy.steps);
        assertFalse(busy.isBusy, "it ended");
        var expected = versions(all);
        assertEquals(List.of(1, 2, 3), expected.stream().map(AdapterEvent::getVersion).toList());
        assertEquals(List.of(5, 10, 12), expected.stream().map(AdapterEvent::getStep).toList());
        assertEquals(
                List.of(0, 1, 2), expected.stream().map(AdapterEvent::getParentVersion).toList());
        assertEquals(
                List.of(10, 20, 24), expected.stream().map(AdapterEvent::getDatasetSize).toList());

        for (var version : expected) {
            assertEquals(0.0, version.getMetrics().get("max_staleness"));
        }
        // of the rounds' samples those that a newer one overtook
        assertTrue(leftOut(expected) > 0, expected::toString);

        var killed = cluster.connection("killed.");
        allow(killed, 0);
        int half = samples.size() / 2;
        send(killed, samples.subList(0, half));
        int at = 1 + new Random(seed).nextInt(3);
        try (var child = child("killed.")) {
            Eventually.holds("step " + at, LIMIT, () -> stepsDone(killed) >= at);
            send(killed, samples.subList(half, samples.size()));
            int later = at + new Random(seed).nextInt(5);
            Eventually.holds("step " + later, LIMIT, () -> stepsDone(killed) >= later);
            child.kill();
        }
        train("killed.", killed, TrainerListener.NONE).join();
        var found = versions(killed);
        assertEquals(shas(expected), shas(found), "seed " + seed);
        assertEquals(
                expected.stream().map(AdapterEvent::getDatasetDigest).toList(),
                found.stream().map(AdapterEvent::getDatasetDigest).toList());
        assertEquals(leftOut(expected), leftOut(found));
        assertTrue(stepsDone(killed) == TrainerFixture.STREAM_STEPS);
        var added = expected.stream().map(StreamTrainerIT::dataset).toList();
        assertEquals(List.of(10, 10, 4), added.stream().map(List::size).toList());
        assertEquals(24, added.stream().flatMap(List::stream).distinct().count());
        assertEquals(added, found.stream().map(StreamTrainerIT::dataset).toList());
    }

    private static void allow(Connection connection, int maxStaleness) {
        var settings =
                RunSettings.newBuilder()
                        .setRun(TrainerFixture.RUN)
                        .setVersion(1)
                        .setMaxStaleness(maxStaleness)
                        .setChangedAt(Instant.EPOCH)
                        .build();
        Cluster.send(connection, connection.topics().runs(), TrainerFixture.RUN, settings);
    }

    private static void send(Connection connection, List<CuratedSample> some) {
        for (var sample : some) {
            Cluster.send(connection, connection.topics().curated(), sample.getPromptId(), sample);
        }
    }

    private static CompletableFuture<Void> train(
            String prefix, Connection connection, TrainerListener listener) {
        var trainer =
                new Trainer(
                        connection,
                        prefix,
                        blobs,
                        TrainerFixture.streamConfig(),
                        new DeviceLock(),
                        listener);
        return CompletableFuture.runAsync(trainer::run);
    }

    private static Child child(String prefix) {
        return Child.start(
                directory.resolve(prefix + "log"),
                TrainerMain.class,
                cluster.bootstrapServers(),
                cluster.schemaRegistryUrl(),
                prefix,
                blobs.root().toString(),
                "stream");
    }

    private static List<AdapterEvent> versions(Connection connection) {
        return Cluster.values(connection, connection.topics().adapterHistory()).stream()
                .filter(e -> e.getStatus().equals("candidate"))
                .toList();
    }

    /** What a version was trained on beyond its parent. */
    private static List<String> dataset(AdapterEvent version) {
        var bytes = blobs.get(version.getDataset());
        return new String(bytes, StandardCharsets.UTF_8).lines().toList();
    }

    private static double leftOut(List<AdapterEvent> versions) {
        return versions.get(versions.size() - 1).getMetrics().get("stale_samples");
    }

    private static List<String> shas(List<AdapterEvent> versions) {
        return versions.stream().map(e -> e.getAdapter().getSha256()).toList();
    }

    /** Counts the steps that were taken while it was said to be busy. */
    private static final class Busy implements TrainerListener {
        private volatile boolean isBusy;
        private volatile int steps;

        @Override
        public void working(boolean busy) {
            isBusy = busy;
        }

        @Override
        public void stepped(TrainingStep step, long done, long total) {
            steps += isBusy ? 1 : 0; // on the trainer's thread alone
        }
    }

    private static int stepsDone(Connection connection) {
        return Cluster.values(connection, connection.topics().trainingSteps()).stream()
                .mapToInt(TrainingStep::getStep)
                .max()
                .orElse(0);
    }
}
