package io.mitune.producers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.Connection;
import io.mitune.schemas.PromptRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Publication and topic creation against a real broker and registry. */
class PublishIT {
    private static EmbeddedStack stack;

    @BeforeAll
    static void start() {
        stack = EmbeddedStack.temporary();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void aBatchIsPublishedOnceAndTheNextOneIsTheNextRound() {
        var connection = connection("once.");
        ensure(connection);
        var publisher = new PromptPublisher(connection);
        var told = new AtomicInteger();
        var first =
                publisher.publish(
                        prompts("a", "b", "a"),
                        BatchTest.settings(4, 1),
                        (acknowledged, total) -> told.set(acknowledged * 10 + total));
        assertEquals(new PublishReport("main", first.batch(), 1, 3, 3), first);
        assertEquals(33, told.get());

        var again = publish(publisher, prompts("a", "b", "a"));
        assertEquals(new PublishReport("main", first.batch(), 1, 3, 0), again);
        assertTrue(again.toString().endsWith("0 of 3 prompts added, 3 were there already"));

        assertEquals(2, publish(publisher, prompts("c")).round());
        assertEquals(3, new PromptLog(connection).of("main").idsOf(first.batch(), 1).size());
        assertEquals(0, new PromptLog(connection).of("other").highestRound());
    }

    @Test
    void aBatchIsFoundInItsOwnRoundAmongThoseThatTheRunOpenedByItself() {
        var connection = connection("kept.");
        ensure(connection);
        var publisher = new PromptPublisher(connection);
        var first = publish(publisher, prompts("a", "b"));
        keptRound(connection, first.batch(), 2, 99);
        keptRound(connection, first.batch(), 3, 100);
        assertEquals(
                new PublishReport("main", first.batch(), 1, 2, 0),
                publish(publisher, prompts("a", "b")));

        // a round under the settings of a later one is meant when those are given
        var later = BatchTest.settings(4, 1, 100);
        assertEquals(
                new PublishReport("main", first.batch(), 3, 2, 0),
                publisher.publish(prompts("a", "b"), later, PublishProgress.NONE));
        // none has these: the word is about the publication, not about what followed
        var e =
                assertThrows(
                        PublishException.class,
                        () ->
                                publisher.publish(
                                        prompts("a", "b"),
                                        BatchTest.settings(5, 1),
                                        PublishProgress.NONE));
        assertTrue(e.isConflict());
        assertTrue(e.getMessage().contains("its first publication in round 1 "), e.getMessage());
    }

    /** As the keeper of runs opens a round: the same prompts under another seed. */
    private static void keptRound(Connection connection, String batch, int round, long seed) {
        var prompts = prompts("a", "b").accepted();
        var settings = BatchTest.settings(4, 1, seed);
        sendAll(
                connection,
                Batch.requests(prompts, settings, batch, round, java.time.Instant.now()));
    }

    @Test
    void anInterruptedPublicationIsCompleted() {
        var connection = connection("rest.");
        ensure(connection);
        var settings = BatchTest.settings(4, 1);
        var all = prompts("a", "b", "c");
        var batch = Batch.name(all.accepted(), settings);
        var some =
                Batch.requests(all.accepted(), settings, batch, 1, java.time.Instant.now())
                        .subList(0, 2);
        sendAll(connection, some);
        var report = publish(new PromptPublisher(connection), all);
        assertEquals(new PublishReport("main", batch, 1, 3, 1), report);
    }

    @Test
    void otherSettingsUnderTheSameNameAreRefused() {
        var connection = connection("same.");
        ensure(connection);
        var publisher = new PromptPublisher(connection);
        publish(publisher, prompts("a"));
        var e =
                assertThrows(
                        PublishException.class,
                        () ->
                                publisher.publish(
                                        prompts("a"),
                                        BatchTest.settings(5, 1),
                                        PublishProgress.NONE));
        assertTrue(e.getMessage().contains("give it another name or round"), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    @Test
    void otherPromptsUnderTheSameNameAreRefused() {
        var connection = connection("other.");
        ensure(connection);
        var publisher = new PromptPublisher(connection);
        var named = named("b");
        publisher.publish(prompts("a", "b"), named, PublishProgress.NONE);
        var e =
                assertThrows(
                        PublishException.class,
                        () -> publisher.publish(prompts("a", "c"), named, PublishProgress.NONE));
        assertTrue(e.isConflict());
        assertTrue(e.getMessage().startsWith("batch b: expected the prompts"), e.getMessage());
        assertEquals(Optional.of("b"), publisher.batchStartingWith("b"));
        assertEquals(Optional.empty(), publisher.batchStartingWith("c"));
    }

    @Test
    void twoRunsNeverShareABatch() {
        var connection = connection("runs.");
        ensure(connection);
        var publisher = new PromptPublisher(connection);
        var first = publish(publisher, prompts("a", "b"));
        var other = inRun("other", Optional.empty());
        var second = publisher.publish(prompts("a", "b"), other, PublishProgress.NONE);
        assertEquals(2, second.added());
        assertNotEquals(first.batch(), second.batch());

        var same = inRun("third", Optional.of(first.batch()));
        var e =
                assertThrows(
                        PublishException.class,
                        () -> publisher.publish(prompts("a", "b"), same, PublishProgress.NONE));
        assertTrue(e.isConflict());
        assertEquals(
                "batch %s: expected a batch of run third, found it in run main; give it another name"
                        .formatted(first.batch()),
                e.getMessage());
    }

    @Test
    void aBatchThatAnEarlierVersionNamedByItsTextsIsFound() {
        var connection = connection("old.");
        ensure(connection);
        var publisher = new PromptPublisher(connection);
        var prompts = prompts("a", "b");
        var old = named(prompts.nameWithoutRun());
        publisher.publish(prompts, old, PublishProgress.NONE);
        assertEquals(
                new PublishReport("main", prompts.nameWithoutRun(), 1, 2, 0),
                publish(publisher, prompts));
    }

    private static PublishSettings named(String batch) {
        return inRun("main", Optional.of(batch));
    }

    static PublishSettings inRun(String run, Optional<String> batch) {
        var s = BatchTest.settings(4, 1);
        return new PublishSettings(
                run,
                batch,
                s.round(),
                s.seed(),
                s.candidates(),
                s.keep(),
                s.negativePrompt(),
                s.sampling(),
                s.model());
    }

    @Test
    void badRecordsInTheTopicAreNoObstacle() {
        var connection = connection("bad.");
        ensure(connection);
        var bytes = new ByteArraySerializer();
        try (var producer = new KafkaProducer<>(connection.producerProperties(), bytes, bytes)) {
            producer.send(
                    new ProducerRecord<>(
                            connection.topics().prompts().name(), new byte[1], new byte[] {9}));
        }
        assertEquals(1, publish(new PromptPublisher(connection), prompts("a")).added());
    }

    @Test
    void missingTopicsAreNamed() {
        var e =
                assertThrows(
                        PublishException.class,
                        () -> publish(new PromptPublisher(connection("none.")), prompts("a")));
        assertEquals(
                "topic none.prompts: expected it to exist; create the topics first",
                e.getMessage());
    }

    @Test
    void anAbsentBrokerIsNamed() {
        var fast = Map.of("default.api.timeout.ms", "1500", "request.timeout.ms", "1000");
        var nobody = new Connection("127.0.0.1:1", stack.schemaRegistryUrl(), "x.", fast);
        var e =
                assertThrows(
                        PublishException.class,
                        () -> publish(new PromptPublisher(nobody), prompts("a")));
        assertTrue(e.getMessage().startsWith("kafka at 127.0.0.1:1: "), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    @Test
    void topicsAreCreatedOnceAndChecked() {
        var connection = connection("topics.");
        try (var creation = new TopicCreation(connection)) {
            assertTrue(creation.describe().stream().noneMatch(TopicState::exists));
            var first = creation.ensure(Optional.of((short) 1));
            assertTrue(first.stream().allMatch(TopicState::created));
            assertEquals(
                    connection.topics().all().stream().map(t -> t.name()).toList(),
                    first.stream().map(TopicState::name).toList());
            var second = creation.ensure(Optional.empty());
            assertTrue(second.stream().noneMatch(TopicState::created));
            for (var state : second) {
                assertEquals(state.expectedPartitions(), state.partitions(), state.name());
                assertEquals(Map.of(), state.differences(), state.name());
                assertEquals(1, state.replicationFactor());
            }
        }
    }

    @Test
    void aWrongPartitionCountIsAnErrorAndAnotherConfigurationIsTold() throws Exception {
        var connection = connection("wrong.");
        try (var admin = Admin.create(connection.adminProperties());
                var creation = new TopicCreation(connection)) {
            var adapters =
                    new NewTopic("wrong.adapters", 1, (short) 1)
                            .configs(Map.of("cleanup.policy", "delete"));
            admin.createTopics(List.of(adapters)).all().get();
            var states = creation.ensure(Optional.empty());
            var state =
                    states.stream().filter(s -> s.name().equals("wrong.adapters")).toList().get(0);
            assertEquals(
                    Map.of("cleanup.policy", "expected compact, found delete"),
                    state.differences());

            admin.deleteTopics(List.of("wrong.curated")).all().get();
            await(() -> !admin.listTopics().names().get().contains("wrong.curated"));
            admin.createTopics(List.of(new NewTopic("wrong.curated", 3, (short) 1))).all().get();
            var e = assertThrows(PublishException.class, () -> creation.ensure(Optional.empty()));
            assertEquals(
                    "topic wrong.curated: expected 4 partitions, found 3; delete it, or choose"
                            + " another topic prefix",
                    e.getMessage());
        }
    }

    @Test
    void theWorkQueueIsConfiguredOnTheBrokers() throws Exception {
        var connection = connection("queue.");
        try (var admin = Admin.create(connection.adminProperties());
                var creation = new TopicCreation(connection)) {
            creation.configure(new ShareGroupSettings("workers", Duration.ofSeconds(30), 4));
            var resource = new ConfigResource(ConfigResource.Type.GROUP, "workers");
            var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            assertEquals("earliest", config.get("share.auto.offset.reset").value());
            assertEquals("30000", config.get("share.record.lock.duration.ms").value());
            assertEquals("4", config.get("share.delivery.count.limit").value());
        }
    }

    private static Connection connection(String prefix) {
        return new Connection(
                stack.bootstrapServers(), stack.schemaRegistryUrl(), prefix, Map.of());
    }

    private static void ensure(Connection connection) {
        try (var creation = new TopicCreation(connection)) {
            creation.ensure(Optional.of((short) 1));
        }
    }

    private static PublishReport publish(PromptPublisher publisher, Prompts prompts) {
        return publisher.publish(prompts, BatchTest.settings(4, 1), PublishProgress.NONE);
    }

    private static Prompts prompts(String... texts) {
        return PromptSource.create().arguments(new ArrayList<>(List.of(texts)));
    }

    private static void sendAll(Connection connection, List<PromptRequest> requests) {
        var topic = connection.topics().prompts();
        try (var producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new org.apache.kafka.common.serialization.StringSerializer(),
                        connection.serde(topic.type()).serializer())) {
            requests.forEach(
                    r -> producer.send(new ProducerRecord<>(topic.name(), r.getPromptId(), r)));
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < end, "expected it within 2 minutes");
            LockSupport.parkNanos(20_000_000);
        }
    }
}
