package io.mitune.workers.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Topic;
import io.mitune.workers.support.Child;
import io.mitune.workers.support.Cluster;
import io.mitune.workers.support.Eventually;
import io.mitune.workers.support.Tasks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.TestInfo;

/** One test's topics, group and loops. */
final class Queue implements AutoCloseable {
    static final int DELIVERIES = 3;
    static final Duration LIMIT = Eventually.LIMIT;

    /** To finish a task after a stop. */
    static final Duration GRACE = Duration.ofMillis(300);

    private static final Duration SHORT_LOCK = Duration.ofSeconds(2);
    private final Cluster cluster;
    private final Path directory;
    private final Duration lock;
    private Duration outagePatience = LIMIT;
    final String prefix;
    final Connection connection;
    private final List<RunningLoop> loops = new ArrayList<>();

    /** With locks so short that what a dead worker held comes back soon. */
    Queue(Cluster cluster, Path directory, TestInfo info) {
        this(cluster, directory, info, SHORT_LOCK);
    }

    Queue(Cluster cluster, Path directory, TestInfo info, Duration lock) {
        this.cluster = cluster;
        this.directory = directory;
        this.lock = lock;
        prefix = info.getTestMethod().orElseThrow().getName().substring(0, 12) + ".";
        connection = cluster.connection(prefix);
        WorkGroup.configure(connection, config("admin"));
    }

    /** For loops that are started from now on. */
    void setOutagePatience(Duration value) {
        outagePatience = value;
    }

    String group() {
        return prefix + "workers";
    }

    Topic<GenerationTask> tasks() {
        return connection.topics().generationTasks();
    }

    QueueConfig config(String worker) {
        return new QueueConfig(
                group(), worker, lock, DELIVERIES, GRACE, Duration.ofSeconds(2), outagePatience);
    }

    /** Sends a task, always to the same partition; returns its promptId. */
    String send(String text) {
        GenerationTask task = Tasks.generation(text, 1, 1);
        Cluster.send(connection, tasks(), "same key", task);
        return task.getPromptId().toString();
    }

    /** A process that every task ends. */
    Child deadlyChild(int number) {
        return Child.start(
                directory.resolve("deadly-" + number + ".log"),
                QueueWorkerMain.class,
                cluster.bootstrapServers(),
                cluster.schemaRegistryUrl(),
                prefix,
                group(),
                Integer.toString(DELIVERIES),
                "halt");
    }

    /** Takes a task and is gone without a word about it. */
    void takeAndDie() {
        var bytes = new ByteArrayDeserializer();
        try (var consumer =
                new KafkaShareConsumer<>(
                        connection.shareConsumerProperties(group()), bytes, bytes)) {
            consumer.subscribe(List.of(tasks().name()));
            Eventually.holds(
                    "a task", LIMIT, () -> !consumer.poll(Duration.ofMillis(100)).isEmpty());
        }
    }

    /** A task of a planner that breaks off. */
    void sendAndAbort(String text) {
        var properties = connection.producerProperties();
        properties.put("transactional.id", prefix + "planner");
        var task = Tasks.generation(text, 1, 1);
        byte[] value =
                connection.serde(tasks().type()).serializer().serialize(tasks().name(), task);
        var bytes = new ByteArraySerializer();
        try (var producer = new KafkaProducer<>(properties, bytes, bytes)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(
                    new ProducerRecord<>(
                            tasks().name(), "same key".getBytes(StandardCharsets.UTF_8), value));
            producer.flush();
            producer.abortTransaction();
        }
    }

    RunningLoop start(String worker, TaskHandler<GenerationTask, Candidate> handler) {
        return start(worker, handler, QueueListener.NONE);
    }

    RunningLoop start(
            String worker, TaskHandler<GenerationTask, Candidate> handler, QueueListener listener) {
        var route = new Route<>(tasks(), connection.topics().candidates(), handler);
        var loop = new TaskLoop(connection, config(worker), List.of(route), listener);
        var running = new RunningLoop(loop, CompletableFuture.runAsync(loop::run));
        loops.add(running);
        return running;
    }

    List<Candidate> results() {
        return Cluster.values(connection, connection.topics().candidates());
    }

    List<ConsumerRecord<byte[], byte[]>> deadLetters() {
        return Cluster.read(connection, connection.topics().deadLetters());
    }

    /** A task that is neither accepted nor rejected would come to this loop. */
    void expectNothingLeft() {
        int before = results().size();
        String marker = send("marker");
        start("marker", Queue::emitOne);
        Eventually.holds(
                "the marker",
                LIMIT,
                () -> results().stream().anyMatch(c -> c.getPromptId().toString().equals(marker)));
        assertEquals(before + 1, results().size());
    }

    void stopAll() {
        loops.forEach(RunningLoop::stop);
        loops.forEach(l -> l.ended.handle((ok, error) -> true).join());
    }

    @Override
    public void close() {
        stopAll();
    }

    static Outcome emitOne(GenerationTask task, Emitter<Candidate> out) {
        String worker = Thread.currentThread().getName().replace("-device", "");
        out.emit(task.getPromptId().toString(), Tasks.candidate(task, 0, worker));
        return Outcome.done();
    }

    static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    /** A loop on a thread of its own. */
    record RunningLoop(TaskLoop loop, CompletableFuture<Void> ended) {
        void stop() {
            loop.stop();
        }
    }
}
