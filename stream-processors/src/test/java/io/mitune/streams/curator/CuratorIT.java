package io.mitune.streams.curator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.PromptRequest;
import io.mitune.streams.Cluster;
import io.mitune.streams.Samples;
import io.mitune.streams.StreamsChild;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The curator's guarantee on a real broker: whatever is repeated, shuffled, broken or killed, each
 * prompt is curated exactly once, with the bytes that a batch job over the same candidates writes.
 */
class CuratorIT {
    private static final int PROMPTS = 60;
    private static final int N = 6;
    private static final int BARRIER = 16;
    private static final long SEED = 20260301;
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir Path dir;

    @Test
    void eachPromptIsCuratedExactlyOnceThroughKills() throws Exception {
        var prompts =
                IntStream.range(0, PROMPTS)
                        .mapToObj(i -> Samples.prompt(i, 1, N, 2).build())
                        .toList();
        var random = new Random(SEED);
        Map<String, List<Candidate>> candidates = new HashMap<>();
        prompts.forEach(p -> candidates.put(p.getPromptId(), candidates(p, random)));
        var deliveries = new ArrayList<Candidate>();
        candidates.values().forEach(deliveries::addAll);
        candidates.values().forEach(deliveries::addAll);
        Collections.shuffle(deliveries, random);

        try (var cluster = Cluster.start(dir.resolve("data"))) {
            var log = dir.resolve("curator.log");
            var state = dir.resolve("state");
            var curated = cluster.topics().curated();
            prompts.forEach(p -> cluster.send(cluster.topics().prompts(), p.getPromptId(), p));
            var poison = sendPoison(cluster, prompts.get(0));

            var process =
                    StreamsChild.start(CuratorProcess.class, cluster.connection(), state, log);
            try {
                int third = deliveries.size() / 3;
                for (int part = 0; part < 3; part++) {
                    send(cluster, deliveries.subList(part * third, (part + 1) * third));
                    // the first third rarely completes a prompt: wait for its poison instead
                    if (part == 0) {
                        cluster.await(cluster.topics().deadLetters(), PATIENCE, r -> !r.isEmpty());
                    } else if (part == 1) {
                        cluster.await(curated, PATIENCE, r -> !r.isEmpty());
                    }
                    process.destroyForcibly().waitFor();
                    process =
                            StreamsChild.start(
                                    CuratorProcess.class, cluster.connection(), state, log);
                }
                assertBytes(
                        cluster,
                        prompts,
                        candidates,
                        cluster.await(curated, PATIENCE, r -> r.size() >= expected(candidates)));
                // what comes now would be a second curation
                send(cluster, deliveries.subList(0, third));
                prompts.forEach(p -> cluster.send(cluster.topics().prompts(), p.getPromptId(), p));
                int barrier = sendBarrier(cluster, random);
                var all = cluster.await(curated, PATIENCE, r -> hasBarrier(cluster, r));
                assertEquals(expected(candidates) + barrier, all.size());
                assertDeadLetters(cluster, poison);
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private static List<Candidate> candidates(PromptRequest prompt, Random random) {
        return IntStream.range(0, N)
                .mapToObj(
                        i ->
                                switch (random.nextInt(8)) {
                                    case 0 -> Samples.failed(prompt, i);
                                    case 1 -> Samples.candidate(prompt, i, Double.NaN).build();
                                    // few values, so that some are equal
                                    default ->
                                            Samples.candidate(prompt, i, random.nextInt(4)).build();
                                })
                .toList();
    }

    private static void send(Cluster cluster, List<Candidate> candidates) {
        candidates.forEach(c -> cluster.send(cluster.topics().candidates(), c.getPromptId(), c));
        cluster.flush();
    }

    /** Prompts that close after all that was sent before; returns how many records they make. */
    private static int sendBarrier(Cluster cluster, Random random) {
        Map<String, List<Candidate>> barrier = new HashMap<>();
        for (int i = 0; i < BARRIER; i++) {
            var prompt = Samples.prompt(1000 + i, 1, N, 1).setRun("barrier").build();
            barrier.put(prompt.getPromptId(), candidates(prompt, random));
        }
        barrier.values().forEach(c -> send(cluster, c));
        return expected(barrier);
    }

    private static boolean hasBarrier(
            Cluster cluster, List<ConsumerRecord<byte[], byte[]>> records) {
        var barrier =
                records.stream()
                        .filter(
                                r ->
                                        cluster.value(cluster.topics().curated(), r)
                                                .getRun()
                                                .startsWith("barrier"))
                        .toList();
        long partitions = barrier.stream().map(ConsumerRecord::partition).distinct().count();
        return barrier.size() >= 2 * BARRIER
                && partitions == cluster.topics().curated().partitions();
    }

    private static List<byte[]> sendPoison(Cluster cluster, PromptRequest prompt) {
        var topic = cluster.topics().candidates();
        var good = cluster.bytes(topic, Samples.candidate(prompt, 0, 1).build());
        var poison =
                List.of(
                        "no Avro".getBytes(StandardCharsets.UTF_8),
                        new byte[] {0, 0, 1, 0, 0, 5, 5}, // unknown schema
                        Arrays.copyOf(good, good.length / 2),
                        cluster.bytes(topic, Samples.candidate(prompt, 0, 1).setIndex(-1).build()));
        poison.forEach(bytes -> cluster.sendRaw(topic, "p", bytes));
        cluster.flush();
        return poison;
    }

    private static List<CuratedSample> batchJob(List<Candidate> candidates) {
        var stored = Leaderboard.of(candidates);
        return CuratorProcess.CONFIG.policies().stream()
                .flatMap(p -> new Curation(p, true).of(stored).stream())
                .toList();
    }

    private static int expected(Map<String, List<Candidate>> candidates) {
        return candidates.values().stream().mapToInt(c -> batchJob(c).size()).sum();
    }

    private static void assertBytes(
            Cluster cluster,
            List<PromptRequest> prompts,
            Map<String, List<Candidate>> candidates,
            List<ConsumerRecord<byte[], byte[]>> records) {
        Map<String, List<byte[]>> found = new HashMap<>();
        records.forEach(
                r ->
                        found.computeIfAbsent(
                                        new String(r.key(), StandardCharsets.UTF_8),
                                        k -> new ArrayList<>())
                                .add(r.value()));
        for (var prompt : prompts) {
            var id = prompt.getPromptId();
            var wanted = batchJob(candidates.get(id));
            assertEquals(wanted.size(), found.get(id).size(), id);
            for (int i = 0; i < wanted.size(); i++) {
                assertArrayEquals(
                        cluster.bytes(cluster.topics().curated(), wanted.get(i)),
                        found.get(id).get(i),
                        id);
            }
        }
    }

    private static void assertDeadLetters(Cluster cluster, List<byte[]> poison) {
        var topic = cluster.topics().deadLetters();
        var letters = cluster.await(topic, PATIENCE, r -> r.size() >= poison.size());
        assertEquals(
                poison.stream().map(Arrays::toString).toList(),
                letters.stream().map(r -> Arrays.toString(r.value())).toList());
        for (var letter : letters) {
            assertEquals("mitune.candidates", header(letter, DeadLetters.TOPIC));
            assertEquals("curator", header(letter, DeadLetters.ROLE));
            assertEquals(1, header(letter, DeadLetters.MESSAGE).lines().count());
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
