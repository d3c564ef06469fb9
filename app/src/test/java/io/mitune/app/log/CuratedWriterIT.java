package io.mitune.app.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CuratedSamples;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.UserError;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.producers.TopicCreation;
import io.mitune.schemas.ClientNames;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.serde.AvroSerde;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A new run gets its records once, whoever is killed and however many write. */
@Timeout(value = 10, unit = TimeUnit.MINUTES) // one that hangs
class CuratedWriterIT {
    private static final Duration PATIENCE = Duration.ofSeconds(45); // transactions: 60 s
    private static final Duration PAUSE = Duration.ofMillis(100);

    @TempDir static Path folder;
    private static EmbeddedStack stack;
    private static Connection to;

    @BeforeAll
    static void start() {
        AvroSerde.trustOwnRecords();
        stack = EmbeddedStack.in(folder);
        to = new Connection(stack.bootstrapServers(), stack.schemaRegistryUrl(), "w.", Map.of());
        try (var topics = new TopicCreation(to)) {
            topics.ensure(Optional.empty());
        }
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void whatAKilledCommandLeftHoldsReadersNoLongerThanUntilTheNextStarts() throws Exception {
        var topic = to.topics().curated();
        var id = new ClientNames("w.").curatedWriter("killed");
        var properties = to.producerProperties();
        properties.put("transactional.id", id);
        try (var killed =
                        new KafkaProducer<>(
                                properties,
                                new StringSerializer(),
                                to.serde(topic.type()).serializer());
                var admin = Admin.create(to.adminProperties())) {
            killed.initTransactions();
            killed.beginTransaction();
            killed.send(new ProducerRecord<>(topic.name(), "key", sample("killed"))).get();
            var other =
                    CompletableFuture.runAsync(
                            () -> RecordSender.send(to, topic, "key", sample("other")));
            LockSupport.parkNanos(PAUSE.toNanos());
            assertFalse(other.isDone(), "a reader must wait behind an open transaction");
            assertEquals(0, count("other"));

            try (var next = CuratedWriter.open(to, "killed")) {
                other.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertEquals(1, count("other"), "one's own record, once it is sent");
                next.write(console(), List.of(sample("killed")));
            }
            assertEquals(1, count("killed"));
            var known = admin.describeTransactions(List.of(id)).description(id).get();
            assertTrue(known.transactionTimeoutMs() <= 60_000, known.toString());
        }
    }

    @Test
    void whoReadsAfterItReturnedMissesNothing() {
        var bytes = new ByteArrayDeserializer();
        try (var reader = new KafkaConsumer<>(to.consumerProperties(), bytes, bytes)) {
            long end = end(reader);
            for (int i = 0; i < 20; i++) {
                try (var writer = CuratedWriter.open(to, "again")) {
                    writer.write(console(), List.of(sample("again")));
                    long before = end;
                    end = end(reader);
                    assertEquals(before + 2, end, "a record and its marker, time " + i);
                }
            }
        }
    }

    /** Where a reader that is connected finds the end of what is committed. */
    private static long end(KafkaConsumer<byte[], byte[]> reader) {
        var topic = to.topics().curated();
        var places =
                IntStream.range(0, topic.partitions())
                        .mapToObj(p -> new TopicPartition(topic.name(), p))
                        .toList();
        return reader.endOffsets(places).values().stream().mapToLong(n -> n).sum();
    }

    @Test
    void ofTwoAtATimeOneWrites() {
        try (var first = CuratedWriter.open(to, "twice");
                var second = CuratedWriter.open(to, "twice")) {
            second.write(console(), List.of(sample("twice")));
            var fault =
                    assertThrows(
                            UserError.class,
                            () -> first.write(console(), List.of(sample("twice"))));
            assertTrue(
                    fault.getMessage().startsWith("topic w.curated: cannot be"), fault::toString);
        }
        assertEquals(1, count("twice"));
    }

    private static long count(String run) {
        return TopicLog.values(to, to.topics().curated()).stream()
                .filter(s -> s.getRun().equals(run))
                .count();
    }

    private static Console console() {
        var out = new PrintWriter(new StringWriter());
        return new Console(out, out, false, 80);
    }

    private static CuratedSample sample(String run) {
        return CuratedSamples.curated(run, "p", 1, 0).build();
    }
}
