package io.mitune.workers.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mitune.schemas.Connection;
import io.mitune.workers.support.Cluster;
import io.mitune.workers.training.TrainerLog.Consumed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a trainer has written can be read when it has ended. */
@Timeout(120)
class TrainerLogIT {
    @TempDir Path folder;

    @Test
    void theEndIsAwaitedAtWhichReadersSeeTheLastEvents() throws Exception {
        try (var cluster = Cluster.start(folder)) {
            var to = cluster.connection("log.");
            var topic = to.topics().adapterHistory();
            var record = new ProducerRecord<>(topic.name(), bytes("r"), bytes("event"));
            var properties = to.producerProperties();
            properties.put("transactional.id", "other");
            var bytes = new ByteArraySerializer();
            try (var other = new KafkaProducer<>(properties, bytes, bytes);
                    var group = group(to);
                    var out = TrainerLog.open(to, "r", "log.trainer-r")) {
                other.initTransactions();
                other.beginTransaction();
                other.send(record).get();
                out.commit(List.of(record), new Consumed(group.groupMetadata(), Map.of()));
                var awaited = CompletableFuture.runAsync(out::awaitReaders);
                assertThrows(
                        TimeoutException.class,
                        () -> awaited.get(1, TimeUnit.SECONDS),
                        "the open transaction of another holds up readers");
                assertEquals(0, Cluster.read(to, topic).size());
                other.abortTransaction();
                awaited.join();
                assertEquals(1, Cluster.read(to, topic).size());
            }
        }
    }

    private static KafkaConsumer<byte[], byte[]> group(Connection to) {
        var properties = to.consumerProperties();
        properties.put("group.id", "log.trainer-r");
        var bytes = new ByteArrayDeserializer();
        return new KafkaConsumer<>(properties, bytes, bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
