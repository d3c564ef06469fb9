package io.mitune.producers;

import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Makes the topics of the catalogue and checks those that exist.
 *
 * <p>A wrong partition count is an error, since prompts and their candidates must meet in one
 * partition; a differing configuration is only told, since administrators have their reasons.
 * Thread-safe; close it.
 */
public final class TopicCreation implements AutoCloseable {
    private static final int PATIENCE_MS = 30_000;

    private final Connection connection;
    private final Admin admin;

    public TopicCreation(Connection connection) {
        this.connection = connection;
        var properties = connection.adminProperties();
        properties.putIfAbsent("default.api.timeout.ms", PATIENCE_MS);
        properties.putIfAbsent("request.timeout.ms", PATIENCE_MS / 2);
        admin = Admin.create(properties);
    }

    /**
     * Creates what is missing, then checks everything.
     *
     * @param replicationFactor empty for the brokers' default
     * @return the topics in the catalogue's order
     */
    public List<TopicState> ensure(Optional<Short> replicationFactor) {
        var created = new HashSet<String>();
        for (var state : describe()) {
            if (!state.exists() && create(topic(state.name()), replicationFactor)) {
                created.add(state.name());
            }
        }
        var states = whenAllExist(created);
        states.forEach(TopicCreation::requirePartitions);
        return states;
    }

    /** The topics in the catalogue's order, as the cluster has them; changes nothing. */
    public List<TopicState> describe() {
        return states(Set.of());
    }

    /** Sets what the brokers need to know of a work queue, before or after its group exists. */
    public void configure(ShareGroupSettings group) {
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group.group());
        Collection<AlterConfigOp> changes =
                group.asConfig().entrySet().stream()
                        .map(e -> new ConfigEntry(e.getKey(), e.getValue()))
                        .map(e -> new AlterConfigOp(e, AlterConfigOp.OpType.SET))
                        .toList();
        await(
                "share group " + group.group(),
                admin.incrementalAlterConfigs(Map.of(resource, changes)).all());
    }

    @Override
    public void close() {
        admin.close();
    }

    private Topic<?> topic(String name) {
        return connection.topics().all().stream()
                .filter(t -> t.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private boolean create(Topic<?> topic, Optional<Short> replicationFactor) {
        var request =
                new NewTopic(topic.name(), Optional.of(topic.partitions()), replicationFactor)
                        .configs(topic.config());
        try {
            admin.createTopics(List.of(request)).all().get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return false; // somebody else was quicker
            }
            throw failed("topic " + topic.name(), e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** A new topic is known to the controller first and to the brokers a little later. */
    private List<TopicState> whenAllExist(Set<String> created) {
        long end = System.nanoTime() + Duration.ofMillis(PATIENCE_MS).toNanos();
        var states = states(created);
        while (!states.stream().allMatch(TopicState::exists) && System.nanoTime() < end) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
            states = states(created);
        }
        return states;
    }

    private List<TopicState> states(Set<String> created) {
        var topics = connection.topics().all();
        var found = new HashMap<String, TopicDescription>();
        admin.describeTopics(topics.stream().map(Topic::name).toList())
                .topicNameValues()
                .forEach((name, future) -> find(name, future).ifPresent(d -> found.put(name, d)));
        var resources = found.keySet().stream().map(TopicCreation::resource).toList();
        var configs = await("topics", admin.describeConfigs(resources).all());
        var states = new ArrayList<TopicState>();
        for (var topic : topics) {
            var name = topic.name();
            states.add(
                    found.containsKey(name)
                            ? state(
                                    topic,
                                    found.get(name),
                                    configs.get(resource(name)),
                                    created.contains(name))
                            : new TopicState(name, 0, 0, topic.partitions(), false, Map.of()));
        }
        return states;
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    private Optional<TopicDescription> find(String name, KafkaFuture<TopicDescription> future) {
        try {
            return Optional.of(future.get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw failed("topic " + name, e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static TopicState state(
            Topic<?> topic, TopicDescription found, Config config, boolean created) {
        var differences = new TreeMap<String, String>();
        topic.config()
                .forEach(
                        (key, expected) -> {
                            var entry = config.get(key);
                            var value = entry == null ? "nothing" : entry.value();
                            if (!expected.equals(value)) {
                                differences.put(key, "expected " + expected + ", found " + value);
                            }
                        });
        return new TopicState(
                topic.name(),
                found.partitions().size(),
                found.partitions().get(0).replicas().size(),
                topic.partitions(),
                created,
                differences);
    }

    private static void requirePartitions(TopicState state) {
        if (state.partitions() != state.expectedPartitions()) {
            throw new PublishException(
                    ("topic %s: expected %d partitions, found %d; delete it, or choose"
                                    + " another topic prefix")
                            .formatted(
                                    state.name(), state.expectedPartitions(), state.partitions()));
        }
    }

    private <T> T await(String what, KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw failed(what, e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private PublishException failed(String what, Throwable cause) {
        return new PublishException(
                "kafka at %s: %s: %s"
                        .formatted(connection.bootstrapServers(), what, cause.getMessage()),
                cause);
    }

    private static PublishException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new PublishException("interrupted while waiting for kafka", e);
    }
}
