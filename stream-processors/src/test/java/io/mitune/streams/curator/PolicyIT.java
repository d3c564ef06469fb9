package io.mitune.streams.curator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.PolicyEvent;
import io.mitune.schemas.PromptRequest;
import io.mitune.streams.Cluster;
import io.mitune.streams.Samples;
import io.mitune.streams.StreamsChild;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
 * Policies on a real broker, with a curator that is killed: which policy judges a prompt, and what
 * it keeps of a round, follow from the log alone, byte for byte.
 */
class PolicyIT {
    private static final int PROMPTS = 48;
    private static final int N = 4;
    private static final long SEED = 20261124;
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir Path dir;

    @Test
    void aChangeCountsFromItsOffsetsAndARoundIsHeldThroughKills() throws Exception {
        var random = new Random(SEED);
        var prompts =
                IntStream.range(0, PROMPTS)
                        .mapToObj(
                                i ->
                                        Samples.prompt(i, 1, N, 2)
                                                .setRoundSize(PROMPTS)
                                                .setCategory("category " + i % 3)
                                                .build())
                        .toList();
        Map<String, List<Candidate>> candidates = new HashMap<>();
        prompts.forEach(p -> candidates.put(p.getPromptId(), candidates(p, random)));
        var deliveries = new ArrayList<Candidate>();
        candidates.values().forEach(deliveries::addAll);
        candidates.values().forEach(deliveries::addAll);
        Collections.shuffle(deliveries, random);

        try (var cluster = Cluster.start(dir.resolve("data"))) {
            var topics = cluster.topics();
            var diverse =
                    Policies.set("diverse", 1, 0L, 0L, 0L, 0L)
                            .setKeep(2)
                            .setRunSuffix("-diverse")
                            .setMaxSimilarity(0.9)
                            .setQuotas(Map.of("category 0", 5, "*", 9));
            set(cluster, diverse);
            send(cluster, prompts.subList(0, PROMPTS / 2));
            var strict = Policies.set("strict", 1).setThreshold(2.5).setMargin(0.5);
            set(cluster, strict.setPromptOffsets(promptEnds(cluster)));
            send(cluster, prompts.subList(PROMPTS / 2, PROMPTS));

            var log = dir.resolve("curator.log");
            var state = dir.resolve("state");
            var process =
                    StreamsChild.start(CuratorProcess.class, cluster.connection(), state, log);
            try {
                int half = deliveries.size() / 2;
                sendCandidates(cluster, deliveries.subList(0, half));
                cluster.await(topics.curated(), PATIENCE, r -> !r.isEmpty());
                process.destroyForcibly().waitFor();
                process =
                        StreamsChild.start(CuratorProcess.class, cluster.connection(), state, log);
                sendCandidates(cluster, deliveries.subList(half, deliveries.size()));
                cluster.await(topics.curated(), PATIENCE, r -> r.size() >= PROMPTS);
                process.destroyForcibly().waitFor();
                process =
                        StreamsChild.start(CuratorProcess.class, cluster.connection(), state, log);
                var wanted = oracle(cluster, prompts, candidates);
                var found =
                        cluster.await(topics.curated(), PATIENCE, r -> r.size() >= wanted.size());
                assertSame(cluster, wanted, found);
                assertMixed(wanted);
                assertReplay(cluster, PolicyEvents.policy(diverse.build()), deliveries, found);
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    /** What a batch program makes of the same logs, by run, prompt and rank. */
    private static Map<String, CuratedSample> oracle(
            Cluster cluster, List<PromptRequest> prompts, Map<String, List<Candidate>> candidates) {
        var topics = cluster.topics();
        var events = cluster.read(topics.policies());
        var history =
                PolicyHistory.of(
                        events.stream().map(r -> cluster.value(topics.policies(), r)).toList());
        Map<String, List<Choice>> held = new HashMap<>();
        Map<String, CuratedSample> wanted = new HashMap<>();
        CurationPolicy round = null;
        for (var record : cluster.read(topics.prompts())) {
            var id = cluster.value(topics.prompts(), record).getPromptId();
            var board = Leaderboard.of(candidates.get(id));
            var inForce =
                    history.inForce(
                            CuratorProcess.CONFIG.policies(),
                            Samples.RUN,
                            record.partition(),
                            record.offset());
            for (var policy : inForce) {
                var choices = new Curation(policy, true).choices(board);
                if (policy.holds(PROMPTS)) {
                    round = policy;
                    held.computeIfAbsent(policy.name(), n -> new ArrayList<>()).addAll(choices);
                } else {
                    choices.forEach(c -> wanted.put(place(c.sample()), c.sample()));
                }
            }
        }
        new RoundCuration(round).of(held.get(round.name())).forEach(s -> wanted.put(place(s), s));
        assertEquals(PROMPTS, prompts.size());
        return wanted;
    }

    private static void assertSame(
            Cluster cluster,
            Map<String, CuratedSample> wanted,
            List<ConsumerRecord<byte[], byte[]>> found) {
        var curated = cluster.topics().curated();
        assertEquals(wanted.size(), found.size(), "seed " + SEED);
        for (var record : found) {
            var place = place(cluster.value(curated, record));
            assertArrayEquals(cluster.bytes(curated, wanted.get(place)), record.value(), place);
        }
    }

    /** Both sides of the change, and both outcomes of each rule, do occur. */
    private static void assertMixed(Map<String, CuratedSample> wanted) {
        for (var word :
                List.of("mi-max/1 kept", "strict/1 kept", "strict/1 dropped", "diverse/1 kept")) {
            assertTrue(
                    wanted.values().stream()
                            .anyMatch(s -> (s.getPolicy() + "/1 " + kept(s)).equals(word)),
                    word);
        }
        for (var rule : List.of("quota", "similarity")) {
            assertTrue(
                    wanted.values().stream()
                            .anyMatch(
                                    s ->
                                            s.getReason().startsWith("dropped: ")
                                                    && s.getReason().contains(rule)),
                    rule);
        }
    }

    private static String kept(CuratedSample s) {
        return s.getKept() > 0 ? "kept" : "dropped";
    }

    /** The log judged again under the policy gives the bytes that the stream wrote. */
    private static void assertReplay(
            Cluster cluster,
            CurationPolicy policy,
            List<Candidate> deliveries,
            List<ConsumerRecord<byte[], byte[]>> found) {
        var topics = cluster.topics();
        var replay = new Replay(policy, VoteTally.NONE, (run, round) -> true);
        for (var record : cluster.read(topics.prompts())) {
            var request = cluster.value(topics.prompts(), record);
            replay.request(request.getPromptId(), request);
        }
        deliveries.forEach(c -> replay.candidate(c.getPromptId(), c));
        Map<String, byte[]> live = new HashMap<>();
        found.forEach(r -> live.put(place(cluster.value(topics.curated(), r)), r.value()));
        var again = replay.samples();
        assertTrue(again.size() >= PROMPTS);
        for (var sample : again) {
            assertArrayEquals(cluster.bytes(topics.curated(), sample), live.get(place(sample)));
        }
    }

    private static String place(CuratedSample s) {
        return s.getRun() + "/" + s.getPromptId() + "/" + s.getRank();
    }

    private static List<Long> promptEnds(Cluster cluster) {
        var ends =
                new ArrayList<>(Collections.nCopies(cluster.topics().prompts().partitions(), 0L));
        cluster.read(cluster.topics().prompts())
                .forEach(r -> ends.set(r.partition(), r.offset() + 1));
        return ends;
    }

    private static void set(Cluster cluster, PolicyEvent.Builder event) {
        var built = event.build();
        cluster.send(cluster.topics().policies(), PolicyEvents.key(built), built);
        cluster.flush();
    }

    private static void send(Cluster cluster, List<PromptRequest> prompts) {
        prompts.forEach(p -> cluster.send(cluster.topics().prompts(), p.getPromptId(), p));
        cluster.flush();
    }

    private static void sendCandidates(Cluster cluster, List<Candidate> candidates) {
        candidates.forEach(c -> cluster.send(cluster.topics().candidates(), c.getPromptId(), c));
        cluster.flush();
    }

    private static List<Candidate> candidates(PromptRequest prompt, Random random) {
        return IntStream.range(0, N)
                .mapToObj(
                        i ->
                                Samples.candidate(prompt, i, random.nextInt(16) / 4.0)
                                        .setSketch(Policies.sketch(random.nextInt(360)))
                                        .build())
                .toList();
    }
}
