package io.mitune.workers.training;

import static io.mitune.workers.training.TrainerFixture.PROMPTS;
import static io.mitune.workers.training.TrainerFixture.RUN;
import static io.mitune.workers.training.TrainerFixture.STEPS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.EvaluationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.TrainingStep;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.TrainerListener;
import io.mitune.workers.support.Child;
import io.mitune.workers.support.Cluster;
import io.mitune.workers.support.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer on the demo model and a real broker; the test plays curator and promotion. */
class TrainerIT {
    private static final Duration LIMIT = Eventually.LIMIT;

    @TempDir static Path directory;
    private static Cluster cluster;
    private static BlobStore blobs;
    private static String digest;
    private static List<String> undisturbed;

    @BeforeAll
    static void start() {
        cluster = Cluster.start(directory);
        blobs = BlobStore.at(directory.resolve("blobs"));
        digest = TrainerFixture.modelDigest();
        var run = new Run("undisturbed.");
        for (int round = 1; round <= TrainerFixture.ROUNDS; round++) {
            run.send(TrainerFixture.round(round, digest, blobs));
        }
        run.trainAll();
        undisturbed = run.adapters();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void aRunIsWrittenDownFromBaseModelToLastVersion() {
        var run = Run.of("undisturbed.");
        var history = run.history();
        assertEquals("the run starts from the base model", history.get(0).getReason());
        var candidates = run.candidates();
        assertEquals(List.of(1, 2), candidates.stream().map(AdapterEvent::getVersion).toList());
        assertEquals(
                List.of(0, 1), candidates.stream().map(AdapterEvent::getParentVersion).toList());
        assertEquals(
                List.of(STEPS, 2 * STEPS), candidates.stream().map(AdapterEvent::getStep).toList());
        assertEquals(2 * (PROMPTS - 1), candidates.get(0).getDatasetSize());
        assertEquals(digest, candidates.get(0).getModelDigest());
        for (var candidate : candidates) {
            var lines = blobs.get(candidate.getDataset());
            assertEquals(candidate.getDatasetDigest(), Identity.sha256(lines));
            assertEquals(
                    candidate.getDatasetSize(),
                    new String(lines, StandardCharsets.UTF_8).lines().count());
        }
        assertEquals(2.0 * STEPS * 8, candidates.get(1).getMetrics().get("samples"));
        assertEquals(
                2, AdapterFile.read(blobs.resolve(candidates.get(0).getAdapter())).config().rank());
        var evaluations = Cluster.values(run.connection, run.connection.topics().evaluationTasks());
        assertEquals(
                List.of("run/0", "run/1", "run/2"),
                evaluations.stream().map(EvaluationTask::getTaskId).sorted().toList());
        var steps = Cluster.values(run.connection, run.connection.topics().trainingSteps());
        assertEquals(
                IntStream.rangeClosed(1, 2 * STEPS).boxed().toList(),
                steps.stream().map(TrainingStep::getStep).toList());
        assertTrue(steps.stream().allMatch(s -> s.getLoss() > 0 && s.getSkippedSteps() == 0));
        for (var step : steps) { // the device is waited for before it is used
            double whole = 8 / step.getSamplesPerSecond();
            assertTrue(step.getSeconds() > 0 && step.getSeconds() <= whole + 1e-9, step::toString);
        }
        assertFalse(undisturbed.get(0).equals(undisturbed.get(1)));
    }

    @Test
    void orderAndRepetitionOfCuratedSamplesChangeNothing() {
        var run = new Run("shuffled.");
        var all = new ArrayList<CuratedSample>();
        for (int round = 1; round <= TrainerFixture.ROUNDS; round++) {
            all.addAll(TrainerFixture.round(round, digest, blobs));
        }
        all.addAll(List.copyOf(all));
        Collections.shuffle(all, new Random(5));
        run.send(all);
        run.trainAll();
        assertEquals(undisturbed, run.adapters());
    }

    @Test
    void killedAtAnyStepItEndsWithTheSameAdapters() {
        long seed = System.nanoTime();
        System.out.println("TrainerIT kill seed " + seed);
        var random = new Random(seed);
        var run = new Run("killed.");
        run.send(TrainerFixture.round(1, digest, blobs));
        run.send(TrainerFixture.round(2, digest, blobs));
        for (int round = 1; round <= 2; round++) {
            int before = (round - 1) * STEPS;
            int at = before + 1 + random.nextInt(STEPS - 2);
            try (var child = run.child("round-" + round)) {
                Eventually.holds(
                        "step " + at + " of round " + round, LIMIT, () -> run.stepsDone() >= at);
                child.kill();
            }
            try (var child = run.child("again-" + round)) {
                run.promote(round);
                if (round == 2) {
                    assertEquals(0, child.awaitExit(LIMIT), child::output);
                } else {
                    child.kill();
                }
            }
        }
        assertEquals(undisturbed, run.adapters(), "seed " + seed);
    }

    /** Killed in the first round; the next process does the rest of both. */
    @Test
    void twoDevicesKilledAndTakenUpEndWithTheSameAdaptersAsOne() {
        var run = new Run("devices.");
        run.send(TrainerFixture.round(1, digest, blobs));
        run.send(TrainerFixture.round(2, digest, blobs));
        try (var child = run.child("killed", "two-devices")) {
            Eventually.holds("step 8", LIMIT, () -> run.stepsDone() >= 8);
            child.kill();
        }
        try (var child = run.child("again", "two-devices")) {
            run.promote(1);
            run.promote(2);
            assertEquals(0, child.awaitExit(LIMIT), child::output);
        }
        assertEquals(undisturbed, run.adapters());
    }

    @Test
    void stoppedItGoesOnWhereItWas() {
        var run = new Run("stopped.");
        run.send(TrainerFixture.round(1, digest, blobs));
        run.send(TrainerFixture.round(2, digest, blobs));
        run.startAndStopAfter(7).ended.join();
        assertEquals(7, run.stepsDone());
        run.trainAll();
        assertEquals(undisturbed, run.adapters());
        assertEquals(2 * STEPS, run.stepsDone());
        var steps = Cluster.values(run.connection, run.connection.topics().trainingSteps());
        assertEquals(2 * STEPS, steps.size(), "no step was taken twice");
    }

    @Test
    void secondTrainerFencesTheFirst() {
        var run = new Run("fenced.");
        var first = run.start();
        Eventually.holds("the first's start", LIMIT, () -> run.history().size() == 1);
        var second = run.start();
        Eventually.holds("the second's start", LIMIT, () -> second.awaited.contains(1));
        run.send(TrainerFixture.round(1, digest, blobs));
        var error = assertThrows(CompletionException.class, first.ended::join);
        assertTrue(error.getCause() instanceof TrainerFencedException, error::toString);
        assertFalse(error.getCause().getMessage().contains("\n"));
        run.awaitCandidates(1);
        second.stop();
        assertEquals(1, run.candidates().size());
        assertEquals(undisturbed.get(0), run.adapters().get(0));
    }

    /** Waiting for a round's samples may take hours, in which people look at the last version. */
    @Test
    void aRollbackBeforeARoundIsCompleteCountsForAWaitingTrainerAsForARestartedOne() {
        var waiting = new Run("rolled-back.");
        waiting.send(TrainerFixture.round(1, digest, blobs));
        var trainer = waiting.start();
        waiting.promote(1);
        Eventually.holds("round 2", LIMIT, () -> trainer.awaited.contains(2));
        waiting.rollBackToBase();
        waiting.send(TrainerFixture.round(2, digest, blobs));
        waiting.awaitCandidates(2);
        trainer.stop();

        var restarted = new Run("rolled-back-restarted.");
        restarted.send(TrainerFixture.round(1, digest, blobs));
        var before = restarted.start();
        restarted.promote(1);
        before.stop();
        restarted.rollBackToBase();
        restarted.send(TrainerFixture.round(2, digest, blobs));
        var after = restarted.start();
        restarted.awaitCandidates(2);
        after.stop();

        for (var run : List.of(waiting, restarted)) {
            var second = run.candidates().get(1);
            assertEquals(2, second.getVersion(), run.prefix);
            assertEquals(0, second.getParentVersion(), run.prefix);
        }
        assertEquals(undisturbed.get(0), waiting.adapters().get(0));
        assertFalse(waiting.adapters().contains(undisturbed.get(1)));
        assertEquals(waiting.adapters(), restarted.adapters());
    }

    @Test
    void samplesThatCannotBeTrainedOnAreDeadLettersAndCountAsAbsent() throws IOException {
        var own = BlobStore.at(directory.resolve("damaged"));
        var samples = new ArrayList<>(TrainerFixture.round(1, digest, own));
        Files.delete(own.resolve(samples.get(0).getLatents()));
        var damaged = own.resolve(samples.get(3).getLatents());
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length - 1] ^= 1;
        Files.write(damaged, bytes);
        samples.set(4, CuratedSample.newBuilder(samples.get(4)).setModelDigest("other").build());
        var run = new Run("letters.", own);
        Cluster.sendBytes(
                run.connection, run.connection.topics().curated(), "x", new byte[] {1, 2, 3});
        var before = run.start();
        Eventually.holds("the first dead letter", LIMIT, () -> run.letters().size() == 1);
        before.stop();
        var trainer = run.start();
        run.send(samples);
        run.awaitCandidates(1);
        trainer.stop();
        assertEquals(samples.size() - 1 - 3, run.candidates().get(0).getDatasetSize());
        var letters = run.letters();
        assertEquals(4, letters.size(), "each once: " + letters);
        var all = String.join("\n", letters);
        assertTrue(all.contains("expected a file, found none"), all);
        assertTrue(all.contains("the file is damaged"), all);
        assertTrue(all.contains("model: expected " + digest), all);
        assertTrue(all.contains("expected byte 0"), all);
    }

    @Test
    void roundOfWhichNothingWasKeptEndsWithAnUnchangedAdapter() {
        var run = new Run("empty.");
        run.send(
                IntStream.range(0, PROMPTS)
                        .mapToObj(p -> TrainerFixture.nothingKept(1, p, digest))
                        .toList());
        var trainer = run.start();
        run.awaitCandidates(1);
        trainer.stop();
        var candidate = run.candidates().get(0);
        assertEquals(0, candidate.getDatasetSize());
        var adapter = AdapterFile.read(blobs.resolve(candidate.getAdapter()));
        for (var factors : adapter.modules().values()) {
            for (float b : factors.b()) {
                assertEquals(0, b);
            }
        }
    }

    /** One test's topics under the same name of run. */
    private static final class Run {
        final String prefix;
        final Connection connection;
        final BlobStore blobs;

        Run(String prefix) {
            this(prefix, TrainerIT.blobs);
        }

        Run(String prefix, BlobStore blobs) {
            this(prefix, cluster.connection(prefix), blobs);
        }

        private Run(String prefix, Connection connection, BlobStore blobs) {
            this.prefix = prefix;
            this.connection = connection;
            this.blobs = blobs;
        }

        /** The run of these topics, which exist. */
        static Run of(String prefix) {
            return new Run(prefix, cluster.reconnect(prefix), TrainerIT.blobs);
        }

        void send(List<CuratedSample> samples) {
            for (var sample : samples) {
                Cluster.send(
                        connection, connection.topics().curated(), sample.getPromptId(), sample);
            }
        }

        Started start() {
            return new Started(this, 0);
        }

        /** One that is told to stop while it takes this step. */
        Started startAndStopAfter(int step) {
            return new Started(this, step);
        }

        Child child(String name) {
            return child(name, "rounds");
        }

        Child child(String name, String mode) {
            return Child.start(
                    directory.resolve(prefix + name + ".log"),
                    TrainerMain.class,
                    cluster.bootstrapServers(),
                    cluster.schemaRegistryUrl(),
                    prefix,
                    blobs.root().toString(),
                    mode);
        }

        /** Trains all rounds in this JVM. */
        void trainAll() {
            var started = start();
            for (int round = 1; round <= TrainerFixture.ROUNDS; round++) {
                promote(round);
            }
            started.ended.join();
        }

        void promote(int round) {
            awaitCandidates(round);
            Cluster.send(
                    connection,
                    connection.topics().adapters(),
                    RUN,
                    TrainerFixture.promoted(candidates().get(round - 1)));
        }

        /** What promotion writes when somebody asks for the base model after round 1. */
        void rollBackToBase() {
            var base =
                    AdapterEvent.newBuilder(history().get(0))
                            .setStatus("rolled-back")
                            .setRound(1)
                            .build();
            Cluster.send(connection, connection.topics().adapters(), RUN, base);
        }

        void awaitCandidates(int count) {
            Eventually.holds("candidate " + count, LIMIT, () -> candidates().size() >= count);
        }

        List<AdapterEvent> history() {
            return Cluster.values(connection, connection.topics().adapterHistory());
        }

        List<AdapterEvent> candidates() {
            return history().stream().filter(e -> e.getStatus().equals("candidate")).toList();
        }

        List<String> adapters() {
            return candidates().stream().map(e -> e.getAdapter().getSha256()).toList();
        }

        int stepsDone() {
            return Cluster.values(connection, connection.topics().trainingSteps()).stream()
                    .mapToInt(TrainingStep::getStep)
                    .max()
                    .orElse(0);
        }

        List<String> letters() {
            return Cluster.read(connection, connection.topics().deadLetters()).stream()
                    .map(r -> r.headers().lastHeader(DeadLetters.MESSAGE).value())
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                    .toList();
        }
    }

    /** A trainer on a thread of its own. */
    private static final class Started {
        final Trainer trainer;
        final CompletableFuture<Void> ended;
        final Set<Integer> awaited = ConcurrentHashMap.newKeySet();

        Started(Run run, int lastStep) {
            var listener =
                    new TrainerListener() {
                        @Override
                        public void waiting(int round, int seen, int expected) {
                            awaited.add(round);
                        }

                        @Override
                        public void stepped(TrainingStep step, long done, long steps) {
                            if (step.getStep() == lastStep) {
                                trainer.stop();
                            }
                        }
                    };
            trainer =
                    new Trainer(
                            run.connection,
                            run.prefix,
                            run.blobs,
                            TrainerFixture.config(),
                            new DeviceLock(),
                            listener);
            ended = CompletableFuture.runAsync(trainer::run);
        }

        void stop() {
            trainer.stop();
            ended.join();
        }
    }
}
