package io.mitune.workers.queue;

import io.mitune.schemas.Connection;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.blobs.BlobsUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes tasks from a share group, one at a time, and answers for each of them.
 *
 * <pre>
 *   consumer thread   poll one -> hand over -> renew the lock every third of it -> settle
 *   device thread                 decode, handle, wait for the broker to have the results
 * </pre>
 *
 * <p>A task is accepted only after its results are in the log, so a crash at any point repeats work
 * and never loses it. A task that can't succeed is copied to the dead letters and then rejected; so
 * is one whose deliveries are used up. While the blob store cannot be used, the task is kept and
 * tried again. Anything else that goes wrong gives the task back and ends the loop. {@link #run}
 * belongs to one thread; {@link #stop} may come from any.
 */
public final class TaskLoop {
    private static final Logger log = LoggerFactory.getLogger(TaskLoop.class);

    /** How long a stop, or the end of a job, may go unnoticed. */
    private static final Duration TICK = Duration.ofMillis(50);

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LAST_PAUSE = Duration.ofSeconds(30);
    private static final Duration CLOSE = Duration.ofSeconds(5);
    private static final String PATIENCE_MILLIS = "3600000";

    private final Connection connection;
    private final QueueConfig config;
    private final Map<String, Route<?, ?>> routes;
    private final QueueListener listener;
    private final Unconfirmed unconfirmed = new Unconfirmed();
    private final ExecutorService device;
    private volatile boolean stopping;

    /** A loop that nobody follows. */
    public TaskLoop(Connection connection, QueueConfig config, List<Route<?, ?>> routes) {
        this(connection, config, routes, QueueListener.NONE);
    }

    /** A loop over one or more topics of tasks. */
    public TaskLoop(
            Connection connection,
            QueueConfig config,
            List<Route<?, ?>> routes,
            QueueListener listener) {
        this.connection = connection;
        this.config = config;
        this.listener = listener;
        this.routes =
                routes.stream()
                        .collect(Collectors.toMap(r -> r.tasks().name(), Function.identity()));
        device =
                Executors.newSingleThreadExecutor(
                        work -> {
                            var thread = new Thread(work, config.worker() + "-device");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /** Asks {@link #run} to end after the current task, or without it when that takes too long. */
    public void stop() {
        stopping = true;
    }

    /**
     * Works until {@link #stop}.
     *
     * @throws TaskFailedException when a task ended in an exception
     */
    public void run() {
        Producer<byte[], byte[]> producer = newProducer();
        ShareConsumer<byte[], byte[]> consumer = newConsumer();
        try {
            consumer.subscribe(routes.keySet());
            log.info("{}: waiting for tasks in group {}", config.worker(), config.group());
            while (!stopping) {
                for (var record : consumer.poll(POLL)) {
                    answer(record, new Lease(consumer, record, config.lock(), listener), producer);
                }
            }
        } catch (AuthorizationException | AuthenticationException e) {
            throw new TaskFailedException(config.worker() + ": " + e.getMessage(), e);
        } finally {
            // the broker frees what we still hold
            consumer.close(CLOSE);
            producer.close(CLOSE);
            endDevice();
        }
        log.info("{}: stopped", config.worker());
    }

    private void endDevice() {
        device.shutdown();
        try {
            if (!device.awaitTermination(1, TimeUnit.SECONDS)) {
                log.warn("{}: its last task does not end", config.worker());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Whether no task runs any more. False after {@link #run} only when a task ignored its abandon
     * grace: then what it uses must not be freed.
     */
    public boolean isIdle() {
        return device.isTerminated();
    }

    private void answer(
            ConsumerRecord<byte[], byte[]> record, Lease lease, Producer<byte[], byte[]> producer) {
        var known = unconfirmed.take(record);
        if (known.isPresent()) {
            settle(record, lease, known.get());
            return;
        }
        int delivery = record.deliveryCount().map(Short::intValue).orElse(1);
        if (delivery >= config.deliveryLimit()) {
            String reason =
                    "gave up at delivery %d of %d: each worker before ended, killed, failed or"
                            + " stopped, without finishing it";
            bury(record, producer, reason.formatted(delivery, config.deliveryLimit()));
            settle(record, lease, AcknowledgeType.REJECT);
            return;
        }
        try {
            Outcome outcome = work(record, lease, producer);
            if (outcome instanceof Outcome.Rejected rejected) {
                log.warn("{}: rejected: {}", Lease.name(record), rejected.reason());
                bury(record, producer, rejected.reason());
                settle(record, lease, AcknowledgeType.REJECT);
            } else {
                settle(record, lease, AcknowledgeType.ACCEPT);
            }
        } catch (TaskAbandoned | TimeoutException e) {
            log.info("{}: given back, the worker is stopping", Lease.name(record));
            lease.settle(AcknowledgeType.RELEASE);
        } catch (ExecutionException e) {
            lease.settle(AcknowledgeType.RELEASE);
            throw failure(record, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(record, e);
        }
    }

    /**
     * Does the task, again and again while the blob store cannot be used: each delivery brings a
     * task closer to its limit, and the store's outage is not its fault.
     */
    private Outcome work(
            ConsumerRecord<byte[], byte[]> record, Lease lease, Producer<byte[], byte[]> producer)
            throws ExecutionException, InterruptedException, TimeoutException {
        long away = 0; // since when
        for (int tried = 0; ; tried++) {
            var route = routes.get(record.topic());
            var job = new Job<>(connection, producer, route, record, listener);
            try {
                var outcome = await(device.submit(job), job, lease);
                if (tried > 0) {
                    listener.blobs(true);
                }
                return outcome;
            } catch (ExecutionException e) {
                away = tried == 0 ? System.nanoTime() : away;
                if (!(e.getCause() instanceof BlobsUnavailableException)
                        || System.nanoTime() - away > config.outagePatience().toNanos()) {
                    throw e;
                }
                if (tried == 0) {
                    listener.blobs(false);
                    log.warn(
                            "{}: {}; it is kept and tried again for {}",
                            Lease.name(record),
                            e.getCause().getMessage(),
                            config.outagePatience());
                }
                pause(tried, lease);
            }
        }
    }

    /** Keeps the lock meanwhile. */
    private void pause(int tried, Lease lease) throws InterruptedException {
        long pause = Math.min(FIRST_PAUSE.toNanos() << Math.min(tried, 20), LAST_PAUSE.toNanos());
        long end = System.nanoTime() + pause;
        while (System.nanoTime() < end) {
            if (stopping) {
                throw new TaskAbandoned();
            }
            lease.renewWhenDue();
            TimeUnit.NANOSECONDS.sleep(TICK.toNanos());
        }
    }

    /** Waits for the job while it keeps the lock; a stop bounds the wait. */
    private Outcome await(Future<Outcome> result, Job<?, ?> job, Lease lease)
            throws ExecutionException, InterruptedException, TimeoutException {
        long stopSeen = 0;
        while (true) {
            try {
                return result.get(TICK.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof TaskAbandoned abandoned) {
                    throw abandoned;
                }
                throw e;
            } catch (TimeoutException e) {
                lease.renewWhenDue();
                if (stopping) {
                    stopSeen = stopSeen == 0 ? System.nanoTime() : stopSeen;
                    long waited = System.nanoTime() - stopSeen;
                    if (waited > config.finishGrace().toNanos()) {
                        job.abandon();
                    }
                    if (waited > config.finishGrace().plus(config.abandonGrace()).toNanos()) {
                        throw e;
                    }
                }
            }
        }
    }

    private void settle(ConsumerRecord<byte[], byte[]> record, Lease lease, AcknowledgeType type) {
        if (!lease.settle(type)) {
            unconfirmed.remember(record, type);
        }
    }

    private void bury(
            ConsumerRecord<byte[], byte[]> record,
            Producer<byte[], byte[]> producer,
            String reason) {
        try {
            producer.send(
                            DeadLetters.of(
                                    connection.topics(),
                                    record,
                                    "worker " + config.worker(),
                                    reason))
                    .get();
            listener.buried(record.topic());
        } catch (ExecutionException e) {
            throw failure(record, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(record, e);
        }
    }

    private static TaskFailedException failure(
            ConsumerRecord<byte[], byte[]> record, Throwable cause) {
        return new TaskFailedException(
                "task %s: %s; it was given back"
                        .formatted(
                                Lease.name(record),
                                cause.getMessage() == null ? cause.toString() : cause.getMessage()),
                cause);
    }

    private ShareConsumer<byte[], byte[]> newConsumer() {
        return new KafkaShareConsumer<>(
                connection.shareConsumerProperties(config.group()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private Producer<byte[], byte[]> newProducer() {
        Map<String, Object> properties = connection.producerProperties();
        // a broker that is away for long is waited for: the alternative is to do the work again
        properties.putIfAbsent("delivery.timeout.ms", PATIENCE_MILLIS);
        properties.putIfAbsent("max.block.ms", PATIENCE_MILLIS);
        return new KafkaProducer<>(
                properties, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
