package io.mitune.app.start;

import io.mitune.app.cli.UserError;
import io.mitune.app.cli.Words;
import io.mitune.schemas.Connection;
import io.mitune.schemas.access.AccessCatalogue;
import io.mitune.schemas.access.Role;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.schemas.blobs.BlobsUnavailableException;
import io.mitune.schemas.serde.RegistryUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Looks whether a role finds what it needs: brokers that answer, its topics, the schema registry,
 * the blob store.
 *
 * <p>What may come by waiting is an {@link Obstacle}; that the cluster refuses the role, or that a
 * setting is wrong, is an exception at once. Belongs to one thread.
 */
final class ClusterProbe {
    private static final Duration LEAST = Duration.ofSeconds(1);
    private static final Duration MOST = Duration.ofSeconds(10);
    private static final int MOST_NAMES = 5;

    /** In Kafka's words, of addresses whose names are not known yet. */
    private static final String UNRESOLVED = "No resolvable bootstrap urls";

    /**
     * What is not there yet.
     *
     * @param part a word for probes
     * @param line what was expected and found
     */
    record Obstacle(String part, String line) {}

    private final Connection connection;
    private final Set<String> topics;
    private final Optional<BlobStore> blobs;
    private final BooleanSupplier stopped;

    /**
     * @param connection one that does not repeat calls to the registry
     * @param blobs the store, for roles that can do nothing without
     * @param stopped when to give up in the middle of a look
     */
    ClusterProbe(
            Connection connection, Role role, Optional<BlobStore> blobs, BooleanSupplier stopped) {
        this.connection = connection;
        this.blobs = blobs;
        this.stopped = stopped;
        topics =
                new AccessCatalogue(connection.topics())
                        .of(role).stream()
                                .filter(g -> g.type() == ResourceType.TOPIC)
                                .filter(g -> g.pattern() == PatternType.LITERAL)
                                .map(g -> g.name())
                                .collect(Collectors.toSet());
    }

    /**
     * The first thing that is missing.
     *
     * @param left the caller's patience, of which a look takes 10 s at most
     */
    Optional<Obstacle> look(Duration left) {
        var wait = left.compareTo(MOST) > 0 ? MOST : left.compareTo(LEAST) < 0 ? LEAST : left;
        return kafka(wait).or(this::registry).or(this::blobStore);
    }

    private Optional<Obstacle> kafka(Duration wait) {
        Admin admin;
        try {
            admin = Admin.create(connection.adminProperties());
        } catch (KafkaException e) {
            if (e.getCause() instanceof ConfigException setting
                    && String.valueOf(setting.getMessage()).startsWith(UNRESOLVED)) {
                return Optional.of(noAnswer("a name that resolves", "none"));
            }
            throw e;
        }
        try {
            var options = new DescribeTopicsOptions().timeoutMs((int) wait.toMillis());
            return topics(admin.describeTopics(topics, options).topicNameValues());
        } finally {
            admin.close(Duration.ZERO);
        }
    }

    private Optional<Obstacle> topics(Map<String, KafkaFuture<TopicDescription>> answers) {
        var missing = new TreeSet<String>();
        var refused = new TreeSet<String>();
        for (var answer : answers.entrySet()) {
            var failure = failure(answer.getValue());
            if (failure.isEmpty()) {
                continue;
            }
            if (failure.get() instanceof UnknownTopicOrPartitionException) {
                missing.add(answer.getKey());
            } else if (failure.get() instanceof TopicAuthorizationException) {
                refused.add(answer.getKey());
            } else if (failure.get() instanceof RetriableException) {
                return Optional.of(noAnswer("an answer", "none; is it running?"));
            } else {
                throw new UserError(
                        "kafka at %s: %s"
                                .formatted(
                                        connection.bootstrapServers(), failure.get().getMessage()),
                        failure.get());
            }
        }
        if (!refused.isEmpty()) {
            throw new TopicAuthorizationException(refused);
        }
        if (!missing.isEmpty()) {
            var line = "topics %s: expected them to exist, found none; mitune topics create";
            return Optional.of(
                    new Obstacle("topics", line.formatted(Words.first(missing, MOST_NAMES))));
        }
        return Optional.empty();
    }

    /** What the call failed with; a stop in the meantime counts as no answer. */
    private Optional<Throwable> failure(KafkaFuture<?> answer) {
        while (!answer.isDone()) {
            if (stopped.getAsBoolean()) {
                return Optional.of(new org.apache.kafka.common.errors.TimeoutException("stopped"));
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        try {
            answer.get();
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("interrupted before the brokers answered", e);
        }
    }

    private Optional<Obstacle> registry() {
        try {
            connection.requireRegistry();
            return Optional.empty();
        } catch (RegistryUnavailableException e) {
            return Optional.of(new Obstacle("registry", e.getMessage()));
        }
    }

    private Optional<Obstacle> blobStore() {
        try {
            blobs.ifPresent(BlobStore::requireAnswer);
            return Optional.empty();
        } catch (BlobsUnavailableException e) {
            return Optional.of(new Obstacle("blobs", e.getMessage()));
        }
    }

    private Obstacle noAnswer(String expected, String found) {
        return new Obstacle(
                "kafka",
                "kafka at %s: expected %s, found %s"
                        .formatted(connection.bootstrapServers(), expected, found));
    }
}
