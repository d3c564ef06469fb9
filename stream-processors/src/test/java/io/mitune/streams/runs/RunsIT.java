package io.mitune.streams.runs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.PromptRequest;
import io.mitune.schemas.RunStatus;
import io.mitune.streams.Cluster;
import io.mitune.streams.Samples;
import io.mitune.streams.StreamsChild;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rounds and budgets on a real broker: killed whenever, a round follows exactly once, prompt by
 * prompt as a program would write it down, and what was spent is counted to the last candidate and
 * optimizer step.
 */
class RunsIT {
    private static final int PROMPTS = 1600;
    private static final int ROUNDS = 3;
    private static final int CANDIDATES = 500;
    private static final int STEPS = 40;
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir Path dir;

    @Test
    void killedInTheMiddleEachRoundFollowsExactlyOnce() throws Exception {
        var first = IntStream.range(0, PROMPTS).mapToObj(RunsIT::prompt).toList();
        var state = dir.resolve("state");
        var log = dir.resolve("runs.log");
        try (var cluster = Cluster.start(dir.resolve("data"))) {
            var t = cluster.topics();
            var settings = Samples.settings(1).setRounds(ROUNDS).setBudgetSamples(10_000).build();
            cluster.send(t.runs(), Samples.RUN, settings);
            first.forEach(p -> cluster.send(t.prompts(), p.getPromptId(), p));
            draw(cluster, first, 0, CANDIDATES / 2);
            train(cluster, 0);
            var process = StreamsChild.start(RunsProcess.class, cluster.connection(), state, log);
            try {
                awaitStatus(cluster, s -> s.getSamples() == CANDIDATES / 2 && s.getRound() == 1);
                for (int round = 1; round < ROUNDS; round++) {
                    int published = round * PROMPTS;
                    decide(cluster, round);
                    // a part of the next round is there, and most likely not all of it
                    cluster.await(t.prompts(), PATIENCE, r -> r.size() > published);
                    process.destroyForcibly().waitFor();
                    draw(cluster, first, round * CANDIDATES / 2, (round + 1) * CANDIDATES / 2);
                    train(cluster, round);
                    process =
                            StreamsChild.start(RunsProcess.class, cluster.connection(), state, log);
                    int expected = (round + 1) * PROMPTS;
                    cluster.await(t.prompts(), PATIENCE, r -> r.size() >= expected);
                }
                decide(cluster, ROUNDS);
                int drawn = ROUNDS * CANDIDATES / 2;
                double trained = ROUNDS * STEPS * 0.25;
                var done =
                        awaitStatus(
                                cluster,
                                s ->
                                        isDone(s)
                                                && s.getSamples() == drawn
                                                && s.getTrainingSeconds() >= trained);
                assertEquals(10_000L - drawn, done.getSamplesLeft());
                assertEquals(trained, done.getTrainingSeconds(), 1e-6);
                assertEquals(drawn * 0.5 + trained, done.getSeconds(), 1e-6);
                assertEquals(ROUNDS, done.getRound());
                assertEquals(expected(first), published(cluster));
                assertTrue(cluster.read(t.deadLetters()).isEmpty());
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private static PromptRequest prompt(int position) {
        return Samples.prompt(position, 1, 8, 1).setRoundSize(PROMPTS).build();
    }

    private static boolean isDone(RunStatus status) {
        return status.getState().equals("done");
    }

    private static void decide(Cluster cluster, int round) {
        var adapter = Samples.adapter(round, round, "promoted").build();
        cluster.send(cluster.topics().adapters(), adapter.getRun(), adapter);
        cluster.flush();
    }

    private static void draw(Cluster cluster, List<PromptRequest> prompts, int from, int end) {
        for (int i = from; i < end; i++) {
            var candidate = Samples.candidate(prompts.get(i), 0, 1).build();
            cluster.send(cluster.topics().candidates(), candidate.getPromptId(), candidate);
        }
        cluster.flush();
    }

    /** The last ten steps of a round are taken again in the next. */
    private static void train(Cluster cluster, int round) {
        for (int i = 0; i < STEPS; i++) {
            var step = Samples.step(round * (STEPS - 10) + i, 0.25).build();
            cluster.send(cluster.topics().trainingSteps(), Samples.RUN, step);
        }
        cluster.flush();
    }

    private static RunStatus awaitStatus(Cluster cluster, Predicate<RunStatus> wanted) {
        var topic = cluster.topics().runStatus();
        var records =
                cluster.await(
                        topic,
                        PATIENCE,
                        all -> all.stream().map(r -> cluster.value(topic, r)).anyMatch(wanted));
        return cluster.value(topic, records.get(records.size() - 1));
    }

    /** Every request of every round, once. */
    private static Map<String, PromptRequest> expected(List<PromptRequest> first) {
        var all = new HashSet<>(first);
        List<PromptRequest> round = first;
        for (int r = 2; r <= ROUNDS; r++) {
            round = round.stream().map(p -> NextRound.of(p, "new-seeds")).toList();
            all.addAll(round);
        }
        return byPlace(List.copyOf(all));
    }

    private static Map<String, PromptRequest> published(Cluster cluster) {
        var topic = cluster.topics().prompts();
        return byPlace(cluster.read(topic).stream().map(r -> cluster.value(topic, r)).toList());
    }

    /** Fails when a prompt is in a round twice. */
    private static Map<String, PromptRequest> byPlace(List<PromptRequest> requests) {
        return requests.stream()
                .collect(Collectors.toMap(r -> r.getRound() + "/" + r.getPromptId(), r -> r));
    }
}
