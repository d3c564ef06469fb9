package io.mitune.app.metrics;

import io.mitune.app.lag.GroupLag;
import io.mitune.app.lag.GroupPoll;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.RunStatus;
import io.mitune.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the topics say of the stream as a whole: samples kept, dead letters, versions, scores.
 *
 * <p>How far groups are behind is asked of the brokers. A plain consumer without a group: it can be
 * in any number of processes, and an outage is waited for. Of topics that only count it reads what
 * comes from now on; of those that hold a state all. Counters of dead letters begin with 0: to
 * Prometheus, one that begins with 1 has not risen. Runs on a thread of its own until closed.
 */
final class StreamMetrics implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StreamMetrics.class);
    private static final String WORKERS = "workers";
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final Connection connection;
    private final Meters meters;
    private final Map<String, Consumer<ConsumerRecord<byte[], byte[]>>> sinks = new HashMap<>();
    private final GroupPoll groups;
    private final Thread thread = new Thread(this::run, "stream-metrics");
    private volatile boolean closed;

    StreamMetrics(Connection connection, Meters meters) {
        this.connection = connection;
        this.meters = meters;
        var topics = connection.topics();
        take(topics.curated(), this::curated);
        take(topics.evaluations(), this::evaluation);
        take(topics.adapters(), this::adapter);
        take(topics.runStatus(), this::status);
        sinks.put(topics.deadLetters().name(), this::deadLetter);
        topics.all().forEach(t -> meters.add(Catalogue.DEAD_LETTERS, 0, "topic", t.name()));
        thread.setDaemon(true);
        thread.start();
        groups = new GroupPoll(connection, this::lags);
    }

    @Override
    public void close() {
        closed = true;
        groups.close();
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed) {
            try (var consumer = open()) {
                while (!closed) {
                    consumer.poll(POLL).forEach(r -> sinks.get(r.topic()).accept(r));
                }
            } catch (KafkaException e) {
                log.warn("stream metrics: no figures for now: {}", e.getMessage());
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private KafkaConsumer<byte[], byte[]> open() {
        var bytes = new ByteArrayDeserializer();
        var properties = connection.consumerProperties();
        properties.put("allow.auto.create.topics", "false");
        var consumer = new KafkaConsumer<>(properties, bytes, bytes);
        try {
            var topics = connection.topics();
            var fromNow = partitions(consumer, List.of(topics.curated(), topics.deadLetters()));
            var all =
                    partitions(
                            consumer,
                            List.of(topics.evaluations(), topics.adapters(), topics.runStatus()));
            var both = new ArrayList<>(fromNow);
            both.addAll(all);
            consumer.assign(both);
            consumer.seekToEnd(fromNow);
            consumer.seekToBeginning(all);
            return consumer;
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    private static List<TopicPartition> partitions(
            KafkaConsumer<?, ?> consumer, List<Topic<?>> topics) {
        var found = new ArrayList<TopicPartition>();
        for (var topic : topics) {
            consumer.partitionsFor(topic.name())
                    .forEach(p -> found.add(new TopicPartition(p.topic(), p.partition())));
        }
        return found;
    }

    private <V extends SpecificRecord> void take(Topic<V> topic, Consumer<V> sink) {
        var values = connection.serde(topic.type()).deserializer();
        sinks.put(
                topic.name(),
                record -> {
                    try {
                        var value = values.deserialize(topic.name(), record.value());
                        if (value != null) {
                            sink.accept(value);
                        }
                    } catch (SerializationException e) {
                        log.debug("{}: {}", topic.name(), e.getMessage());
                    }
                });
    }

    private void lags(List<GroupLag> lags) {
        for (var lag : lags) {
            meters.set(
                    Catalogue.CONSUMER_LAG_RECORDS,
                    lag.lag(),
                    "group",
                    lag.group(),
                    "topic",
                    lag.topic());
            if (lag.group().equals(WORKERS)) {
                meters.set(Catalogue.QUEUE_BACKLOG_TASKS, lag.lag(), "topic", lag.topic());
            }
        }
    }

    private void curated(CuratedSample sample) {
        meters.add(Catalogue.CURATED_SAMPLES, sample.getKept() > 0 ? 1 : 0, "run", sample.getRun());
    }

    private void evaluation(Evaluation e) {
        meters.set(Catalogue.VALIDATION_MI, e.getMeanMi(), "run", e.getRun());
    }

    private void adapter(AdapterEvent event) {
        meters.set(Catalogue.ADAPTER_VERSION, event.getVersion(), "run", event.getRun());
    }

    private void status(RunStatus status) {
        var state = status.getState();
        meters.set(Catalogue.RUN_PAUSED, state.equals("paused") ? 1 : 0, "run", status.getRun());
        meters.set(Catalogue.RUN_SPENT, state.equals("spent") ? 1 : 0, "run", status.getRun());
    }

    private void deadLetter(ConsumerRecord<byte[], byte[]> record) {
        var topic = record.headers().lastHeader(DeadLetters.TOPIC);
        if (topic != null && record.value() != null) {
            var name = new String(topic.value(), StandardCharsets.UTF_8);
            meters.add(Catalogue.DEAD_LETTERS, 1, "topic", name);
        }
    }
}
