package io.mitune.app.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The whole stream as processes of their own, through the real command line, while everything goes
 * wrong: each is killed, one is stopped, one is paused, the network is slow and away, records come
 * twice and in any order, and some are poison. What comes out must be, byte for byte, what a batch
 * program computes from the same prompts.
 *
 * <p>System properties: {@code mitune.faults.seed} repeats a run, {@code mitune.faults.repeat}
 * makes so many with new seeds, {@code mitune.faults.minutes} makes long ones until the time is
 * over.
 */
class FaultsIT {
    private static final Path FOLDER = Path.of("target", "faults");

    private final List<String> table = new ArrayList<>();
    private final List<AssertionError> failures = new ArrayList<>();

    @Test
    void theStreamEndsAsTheBatchProgramSaysWhateverHappens() throws Exception {
        var first = Long.getLong("mitune.faults.seed", System.nanoTime() & Integer.MAX_VALUE);
        long minutes = Long.getLong("mitune.faults.minutes", 0);
        int repeat = Integer.getInteger("mitune.faults.repeat", 1);
        var seeds = new Random(first);
        if (minutes > 0) {
            long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
            for (long seed = first; System.nanoTime() < end; seed = seeds.nextInt(1 << 30)) {
                play(seed, Workload.large(), true);
            }
        } else {
            long seed = first;
            for (int i = 0; i < repeat; i++) {
                play(seed, Workload.small(), false);
                seed = seeds.nextInt(1 << 30);
            }
        }
        System.out.println(String.join("\n", table));
        if (!failures.isEmpty()) {
            failures.stream().skip(1).forEach(failures.get(0)::addSuppressed);
            throw failures.get(0);
        }
    }

    private void play(long seed, Workload work, boolean large) throws Exception {
        System.out.println("FaultsIT: seed " + seed + ", logs in app/" + FOLDER.resolve("" + seed));
        var random = new Random(seed);
        var plan = large ? FaultPlan.large(random) : FaultPlan.small(random);
        try (var performance = new Performance(seed, work, FOLDER)) {
            var r = performance.play(plan, random);
            table.add(
                    "seed %11d: ok, %3d faults, %4d copies sent, %4d candidates, %4d s"
                            .formatted(
                                    seed,
                                    r.faults(),
                                    r.copies(),
                                    r.candidates(),
                                    r.time().toSeconds()));
        } catch (AssertionError e) {
            failures.add(e);
            table.add(
                    "seed %11d: FAILED: %s"
                            .formatted(seed, e.getMessage().lines().findFirst().get()));
        }
        System.out.println(table.get(table.size() - 1));
    }
}
