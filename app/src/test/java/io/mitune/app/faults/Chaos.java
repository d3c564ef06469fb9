package io.mitune.app.faults;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A producer gone wrong: sends copies of what is in the topics, in any order, and poison.
 *
 * <p>Prompts, tasks, candidates and evaluations are copied: what a publisher, a planner, workers
 * could send twice. Notes where its poison lies.
 */
final class Chaos implements AutoCloseable {
    private static final int MOST_COPIES = 400;
    private static final long PAUSE_NANOS = 300_000_000;

    private final Watch watch;
    private final List<Topic<?>> copied;
    private final List<ProducerRecord<byte[], byte[]>> poison;
    private final Random random;
    private final Producer<byte[], byte[]> producer;
    private final Set<String> places = Collections.synchronizedSet(new TreeSet<>());
    private final Thread thread = new Thread(this::run, "chaos");
    private volatile boolean stopped;
    private volatile int copies;

    Chaos(Connection connection, Watch watch, Poison poison, Random random) {
        this.watch = watch;
        this.random = random;
        var topics = connection.topics();
        copied =
                List.of(
                        topics.prompts(),
                        topics.generationTasks(),
                        topics.candidates(),
                        topics.evaluations());
        producer =
                new KafkaProducer<>(
                        connection.producerProperties(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        poison.first().forEach(record -> places.add(send(record)));
        this.poison = new ArrayList<>(poison.anyTime());
        Collections.shuffle(this.poison, random);
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Stops copying and sends what poison is left. */
    void finish() throws InterruptedException {
        stopped = true;
        thread.join();
        while (!poison.isEmpty()) {
            sendPoison();
        }
    }

    /** Topic, partition and offset of all poison that becomes a dead letter. */
    Set<String> places() {
        return Set.copyOf(places);
    }

    int copies() {
        return copies;
    }

    @Override
    public void close() {
        stopped = true;
        producer.close(Duration.ofSeconds(1));
    }

    private void run() {
        try {
            copyAndPoison();
        } catch (KafkaException e) {
            if (!stopped) {
                throw e;
            }
        }
    }

    private void copyAndPoison() {
        while (!stopped) {
            if (copies < MOST_COPIES) {
                copySome();
            }
            if (!poison.isEmpty() && random.nextInt(3) == 0) {
                sendPoison();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void sendPoison() {
        var record = poison.remove(poison.size() - 1);
        places.add(send(record));
    }

    private void copySome() {
        var topic = copied.get(random.nextInt(copied.size()));
        var known = new ArrayList<>(watch.records(topic));
        Collections.shuffle(known, random);
        for (var record : known.subList(0, Math.min(known.size(), random.nextInt(8)))) {
            // poison is sent once, so that its dead letters can be counted
            if (!places.contains(place(record.topic(), record.partition(), record.offset()))) {
                send(new ProducerRecord<>(record.topic(), record.key(), record.value()));
                copies++;
            }
        }
    }

    /** Waits for the broker's word, also through its restarts; returns the place. */
    private String send(ProducerRecord<byte[], byte[]> record) {
        try {
            var sent = producer.send(record).get();
            return place(sent.topic(), sent.partition(), sent.offset());
        } catch (InterruptedException | ExecutionException e) {
            throw new KafkaException("chaos", e);
        }
    }

    static String place(String topic, int partition, long offset) {
        return topic + "-" + partition + "@" + offset;
    }
}
