package io.mitune.streams;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running topology.
 *
 * <p>An outage of broker or registry is waited for: the failed thread is replaced and goes on from
 * the last commit. So is a transaction that the broker no longer knows, but not for ever. Anything
 * else ends the application and {@link #ended}, so that whoever started it can exit with an error
 * instead of living on without work. Thread-safe.
 */
public final class StreamsApp implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StreamsApp.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(20);
    private static final Duration START_PATIENCE = Duration.ofSeconds(15);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    private static final Duration CALM = Duration.ofMinutes(1);
    private static final int MOST_FAILURES = 5;

    private final String name;
    private final KafkaStreams streams;
    private final Set<String> topics;
    private final long startedAt = System.nanoTime();
    private final CompletableFuture<Void> running = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private int failures;
    private long lastFailure;

    private StreamsApp(String name, KafkaStreams streams, Set<String> topics) {
        this.name = name;
        this.streams = streams;
        this.topics = topics;
        streams.setStateListener(this::onState);
        streams.setUncaughtExceptionHandler(this::onFailure);
    }

    /**
     * Starts the role and returns at once, but for the global stores, which are read first.
     *
     * <p>Local state is a copy of the changelogs. If it cannot be opened, as after a kill at the
     * wrong moment, it is thrown away and read again.
     */
    public static StreamsApp start(StreamsRole role, StreamsSettings settings) {
        StoreLibrary.unpackTo(settings.stateDir());
        try {
            return start(role, settings, false);
        } catch (ProcessorStateException e) {
            log.warn("{}: makes its local state anew: {}", role.name(), rootMessage(e));
            return start(role, settings, true);
        }
    }

    private static StreamsApp start(StreamsRole role, StreamsSettings settings, boolean anew) {
        var streams = new KafkaStreams(role.topology(), role.properties(settings));
        var app = new StreamsApp(role.name(), streams, topics(role, settings));
        try {
            if (anew) {
                streams.cleanUp();
            }
            streams.start();
        } catch (RuntimeException e) {
            app.close();
            throw e;
        }
        return app;
    }

    /** Completes when the topology first runs; fails when it ends before that. */
    public CompletionStage<Void> running() {
        return running.minimalCompletionStage();
    }

    /** Completes when the application was closed; fails when it broke. */
    public CompletionStage<Void> ended() {
        return ended.minimalCompletionStage();
    }

    /** Whether it has its partitions and works on them. */
    public boolean isRunning() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    /** The stream's topics that it reads or writes. */
    public Set<String> topics() {
        return topics;
    }

    /** Sum of the metrics of these names, of Kafka Streams itself and of the processors. */
    public double sum(Predicate<MetricName> which) {
        return streams.metrics().values().stream()
                .filter(metric -> which.test(metric.metricName()))
                .map(Metric::metricValue)
                .filter(Number.class::isInstance)
                .mapToDouble(value -> ((Number) value).doubleValue())
                .filter(Double::isFinite)
                .sum();
    }

    /**
     * Stops after a last commit and leaves the group, so that another instance takes over at once.
     */
    @Override
    public void close() {
        var options =
                CloseOptions.timeout(CLOSE_PATIENCE)
                        .withGroupMembershipOperation(
                                CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
        if (!streams.close(options)) {
            log.warn("{}: expected to stop within {} s", name, CLOSE_PATIENCE.toSeconds());
        }
        ended.complete(null);
        running.cancel(false);
    }

    private static Set<String> topics(StreamsRole role, StreamsSettings settings) {
        var known = new TreeSet<String>();
        settings.connection().topics().all().forEach(t -> known.add(t.name()));
        var used = new TreeSet<String>();
        for (var part : role.topology().describe().subtopologies()) {
            for (var node : part.nodes()) {
                if (node instanceof TopologyDescription.Source source) {
                    used.addAll(source.topicSet());
                } else if (node instanceof TopologyDescription.Sink sink && sink.topic() != null) {
                    used.add(sink.topic());
                }
            }
        }
        used.retainAll(known);
        return used;
    }

    private void onState(KafkaStreams.State now, KafkaStreams.State before) {
        log.info("{}: {}", name, now.name().toLowerCase(java.util.Locale.ROOT));
        if (now == KafkaStreams.State.RUNNING) {
            running.complete(null);
        } else if (now == KafkaStreams.State.ERROR) {
            fail(new IllegalStateException(name + ": stopped by an error"));
        }
    }

    private StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse onFailure(
            Throwable error) {
        if (isOutage(error) || isBrokenTransaction(error) && mayTryAgain()) {
            log.warn("{}: waits for broker or registry: {}", name, rootMessage(error));
            LockSupport.parkNanos(RETRY_PAUSE.toNanos()); // on the thread that is being replaced
            return StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        log.error("{}: ends: {}", name, rootMessage(error), error);
        fail(error);
        return StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    private void fail(Throwable error) {
        ended.completeExceptionally(error);
        running.completeExceptionally(error);
    }

    /**
     * The client's word for an answer that it did not expect of a broker, such as that a slow
     * machine lost track of the producer. Nothing is committed then, and a new thread has a new
     * producer.
     */
    private static boolean isBrokenTransaction(Throwable error) {
        for (var e = error; e != null; e = e.getCause()) {
            if (e.getClass() == KafkaException.class
                    || e instanceof InvalidPidMappingException
                    || e instanceof InvalidTxnStateException) {
                return true;
            }
        }
        return false;
    }

    /**
     * Some failures in quick succession are enough; after a while without, counting starts anew.
     */
    private synchronized boolean mayTryAgain() {
        long now = System.nanoTime();
        failures = failures > 0 && now - lastFailure < CALM.toNanos() ? failures + 1 : 1;
        lastFailure = now;
        return failures <= MOST_FAILURES;
    }

    private boolean isOutage(Throwable error) {
        for (var e = error; e != null; e = e.getCause()) {
            if (e instanceof RetriableException || e instanceof MissingSourceTopicException) {
                return !(e instanceof MissingSourceTopicException) || topicsMayCome();
            }
        }
        return false;
    }

    /** A broker that just started does not know its topics for a moment. */
    private boolean topicsMayCome() {
        boolean ran = running.isDone() && !running.isCompletedExceptionally();
        return ran || System.nanoTime() - startedAt < START_PATIENCE.toNanos();
    }

    private static String rootMessage(Throwable error) {
        var e = error;
        while (e.getCause() != null) {
            e = e.getCause();
        }
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
