package io.mitune.app.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One run of the whole stream under faults: from publishing to the comparison with the oracle.
 *
 * <p>Everything that is drawn comes from the seed. It waits as long as anything moves: on a busy
 * machine it takes longer, and fails only when nothing has moved for minutes.
 */
final class Performance implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final long TICK_NANOS = 50_000_000;

    private final long seed;
    private final Workload work;
    private final Path folder;
    private final Stage stage;
    private final Oracle oracle;
    private final StringBuffer said = new StringBuffer();

    /**
     * How it went.
     *
     * @param faults that struck
     * @param copies that were sent beside the real records
     */
    record Result(int faults, int copies, int candidates, Duration time) {}

    /**
     * @param parent gets a folder for this run, with the logs of all processes
     */
    Performance(long seed, Workload work, Path parent) throws IOException {
        this.seed = seed;
        this.work = work;
        folder = parent.resolve(Long.toString(seed)).toAbsolutePath();
        delete(folder);
        Files.createDirectories(folder);
        oracle =
                Oracle.of(work, Files.createDirectories(parent.resolve("oracle").toAbsolutePath()));
        stage = new Stage(folder, work);
    }

    Result play(FaultPlan plan, Random random) throws Exception {
        long begin = System.nanoTime();
        stage.child("broker").start();
        var connection = stage.connection();
        command("topics", "create");
        for (int round = 1; round <= work.rounds(); round++) {
            publish(round);
            publish(round);
        }
        try (var watch = new Watch(connection);
                var chaos = new Chaos(connection, watch, new Poison(connection, oracle), random)) {
            stage.startRoles();
            chaos.start();
            int faults = strike(plan, watch);
            await("the trainer ends its last round", watch, stage::isDone);
            chaos.finish();
            var verdict = new Verdict(watch, connection.topics(), oracle, work);
            await(
                    "all poison is in the dead letters",
                    watch,
                    () -> verdict.letters().keySet().containsAll(chaos.places()));
            var drained = new Drained(connection);
            await(drained, watch, () -> isDrained(drained, watch));
            endAll(watch);
            verdict.check(chaos.places());
            stopBroker();
            int candidates = watch.records(connection.topics().candidates()).size();
            var time = Duration.ofNanos(System.nanoTime() - begin);
            return new Result(faults, chaos.copies(), candidates, time);
        } catch (Throwable e) {
            say("failed: " + e.getMessage());
            throw new AssertionError(
                    "seed %d: %s\n%s\n%s".formatted(seed, e, said, stage.lastLines()), e);
        }
    }

    @Override
    public void close() throws IOException {
        stage.close();
        delete(folder.resolve("data"));
    }

    private void publish(int round) {
        command(
                "publish",
                "--prompts=" + stage.prompts("round-" + round, work.texts(round)),
                "--run=" + Workload.RUN,
                "--batch=" + Workload.batch(round),
                "--round=" + round,
                "--candidates=" + work.candidates(),
                "--keep=" + Workload.KEEP,
                "--seed=" + Workload.SEED,
                "--num-inference-steps=" + Workload.INFERENCE_STEPS,
                "--guidance-scale=" + Workload.GUIDANCE);
    }

    private void command(String... words) {
        CommandLineRunner.run(stage.direct(words).toArray()).ok();
    }

    private int strike(FaultPlan plan, Watch watch) {
        int all = work.candidatesInAll() + work.curatedInAll() + work.stepsInAll();
        int faults = 0;
        for (var blow : plan.blows()) {
            int at = (int) (blow.at() * all);
            await(
                    "%d of %d pieces of work".formatted(at, all),
                    watch,
                    () -> watch.done() >= at || stage.isDone());
            LockSupport.parkNanos(blow.delayMillis() * 1_000_000L);
            say("at %d of %d: %s".formatted(watch.done(), all, blow.faults()));
            CompletableFuture.allOf(
                            blow.faults().stream()
                                    .map(f -> CompletableFuture.runAsync(() -> suffer(f)))
                                    .toArray(CompletableFuture[]::new))
                    .join();
            say("healed");
            watch.news();
            faults += blow.faults().size();
        }
        return faults;
    }

    private void suffer(Fault fault) {
        if (fault instanceof Fault.Kill kill) {
            var child = stage.child(kill.victim());
            child.kill();
            pause(kill.downMillis());
            child.start();
        } else if (fault instanceof Fault.Stop stop) {
            var child = stage.child(stop.victim());
            int code = child.stop();
            // the trainer may just have ended its last round
            assertTrue(
                    code == Child.TERMINATED || code == 0 && child.name().equals("trainer"),
                    () -> child.name() + ": exit code of a stop: found " + code);
            pause(stop.downMillis());
            child.start();
        } else if (fault instanceof Fault.Pause pause) {
            var child = stage.child(pause.victim());
            child.pause();
            pause(pause.millis());
            child.resume();
        } else if (fault instanceof Fault.Network network) {
            stage.become(network.weather());
            pause(network.millis());
            stage.become(SlowProxy.FINE);
        }
    }

    private void endAll(Watch watch) {
        for (var name : List.of("worker-1", "worker-2", "curator")) {
            assertEquals(Child.TERMINATED, stage.child(name).stop(), name);
        }
        watch.upToDate().join();
    }

    private void stopBroker() {
        assertEquals(Child.TERMINATED, stage.child("broker").stop(), "broker");
    }

    private static boolean isDrained(Drained drained, Watch watch) {
        var before = drained.last();
        var now = drained.left();
        if (!now.equals(before)) {
            watch.news();
        }
        return now.isEmpty();
    }

    private void await(Object what, Watch watch, BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            stage.fallen()
                    .ifPresent(
                            child -> {
                                throw new AssertionError(child.name() + " ended by itself");
                            });
            if (watch.sinceLastNews().compareTo(PATIENCE) > 0) {
                throw new AssertionError(
                        "expected that %s, but nothing has moved for %d s"
                                .formatted(what, PATIENCE.toSeconds()));
            }
            LockSupport.parkNanos(TICK_NANOS);
        }
    }

    private void say(String line) {
        said.append(LocalTime.now().withNano(0)).append(' ').append(line).append('\n');
        try {
            Files.writeString(folder.resolve("faults.log"), said);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void pause(int millis) {
        long end = System.nanoTime() + millis * 1_000_000L;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (var files = Files.walk(folder)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
