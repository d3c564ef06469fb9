package io.mitune.workers.queue;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.SerializationException;

/**
 * One record on the device thread: decode, handle, wait until the broker has every result.
 *
 * <p>Decoding happens here because it may ask the schema registry, and waiting happens here so that
 * the consumer's thread stays free to renew the lock.
 */
final class Job<I extends SpecificRecord, O extends SpecificRecord>
        implements Callable<Outcome>, Emitter<O> {
    private final Connection connection;
    private final Producer<byte[], byte[]> producer;
    private final Route<I, O> route;
    private final ConsumerRecord<byte[], byte[]> record;
    private final QueueListener listener;
    private final List<Future<RecordMetadata>> sent = new ArrayList<>();
    private volatile boolean abandoned;

    Job(
            Connection connection,
            Producer<byte[], byte[]> producer,
            Route<I, O> route,
            ConsumerRecord<byte[], byte[]> record,
            QueueListener listener) {
        this.connection = connection;
        this.producer = producer;
        this.route = route;
        this.record = record;
        this.listener = listener;
    }

    @Override
    public Outcome call() throws ExecutionException, InterruptedException {
        I task;
        try {
            Topic<I> tasks = route.tasks();
            task =
                    connection
                            .serde(tasks.type())
                            .deserializer()
                            .deserialize(tasks.name(), record.value());
        } catch (SerializationException e) {
            return Outcome.rejected(e.getMessage());
        }
        if (task == null) {
            return Outcome.rejected(Lease.name(record) + ": expected a task, found no value");
        }
        Outcome outcome = route.handler().handle(task, this);
        for (Future<RecordMetadata> send : sent) {
            send.get();
        }
        return outcome;
    }

    @Override
    public void emit(String key, O value) {
        Topic<O> results = route.results();
        byte[] bytes =
                connection.serde(results.type()).serializer().serialize(results.name(), value);
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        sent.add(producer.send(new ProducerRecord<>(results.name(), keyBytes, bytes)));
        listener.emitted(value);
    }

    @Override
    public void checkpoint() {
        if (abandoned) {
            throw new TaskAbandoned();
        }
    }

    /** Asks the handler, from another thread, to give up at its next checkpoint. */
    void abandon() {
        abandoned = true;
    }
}
