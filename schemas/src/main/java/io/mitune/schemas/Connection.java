package io.mitune.schemas;

import io.mitune.schemas.serde.AvroSerde;
import io.mitune.schemas.serde.DefaultSerde;
import io.mitune.schemas.serde.ForeignSerde;
import io.mitune.schemas.serde.RegistryConfig;
import io.mitune.schemas.serde.SchemaRegistryClient;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/**
 * Which cluster to use, and the client properties that all roles share.
 *
 * <p>Security, timeouts and the like are the user's: the extra properties reach every client
 * untouched and win over the defaults made here, except that those of the schema registry ({@link
 * RegistryConfig#owns}) go to its client only. Immutable and thread-safe; the registry client with
 * its cache is shared by all serdes.
 */
public final class Connection {
    static {
        AvroSerde.trustOwnRecords();
    }

    private static final Set<String> CONSUMER_GROUPS_ONLY =
            Set.of(
                    "auto.offset.reset",
                    "enable.auto.commit",
                    "group.instance.id",
                    "group.protocol",
                    "group.remote.assignor",
                    "heartbeat.interval.ms",
                    "interceptor.classes",
                    "isolation.level",
                    "partition.assignment.strategy",
                    "session.timeout.ms");

    private final String bootstrapServers;
    private final String schemaRegistryUrl;
    private final Topics topics;
    private final Map<String, String> clientExtra = new HashMap<>();
    private final Map<String, String> serdeProperties;
    private final Optional<SchemaRegistryClient> registry; // empty when others' classes ask it
    private final Map<Class<?>, Serde<?>> serdes = new ConcurrentHashMap<>();

    /**
     * @param bootstrapServers HOST:PORT, several separated by commas
     * @param schemaRegistryUrl base URL, several separated by commas
     * @param topicPrefix put before every topic name; may be empty
     * @param extra further properties in the clients' own names
     */
    public Connection(
            String bootstrapServers,
            String schemaRegistryUrl,
            String topicPrefix,
            Map<String, String> extra) {
        this.bootstrapServers = bootstrapServers;
        this.schemaRegistryUrl = schemaRegistryUrl;
        topics = new Topics(topicPrefix);
        serdeProperties = new HashMap<>(extra);
        if (!ForeignSerde.isNamedIn(extra)) {
            serdeProperties.putAll(DefaultSerde.properties());
        }
        serdeProperties.put("schema.registry.url", schemaRegistryUrl);
        extra.forEach(
                (name, value) -> {
                    if (!RegistryConfig.owns(name) && !ForeignSerde.NAMES.contains(name)) {
                        clientExtra.put(name, value);
                    }
                });
        registry =
                ForeignSerde.isNamedIn(serdeProperties)
                        ? Optional.empty()
                        : Optional.of(SchemaRegistryClient.of(serdeProperties));
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    public String schemaRegistryUrl() {
        return schemaRegistryUrl;
    }

    public Topics topics() {
        return topics;
    }

    /**
     * The serde of one record class: {@link AvroSerde}, or the classes that {@code
     * value.serializer} and {@code value.deserializer} name.
     */
    @SuppressWarnings("unchecked") // one serde for each class
    public <V extends SpecificRecord> Serde<V> serde(Class<V> type) {
        return (Serde<V>) serdes.computeIfAbsent(type, t -> newSerde(type));
    }

    private <V extends SpecificRecord> Serde<V> newSerde(Class<V> type) {
        return registry.<Serde<V>>map(client -> AvroSerde.of(client, type))
                .orElseGet(() -> ForeignSerde.of(serdeProperties, type));
    }

    /**
     * Asks the schema registry for a sign of life, as the serdes ask it.
     *
     * @throws io.mitune.schemas.serde.RegistryUnavailableException when it gives none
     */
    public void requireRegistry() {
        registry.ifPresent(SchemaRegistryClient::requireAnswer);
        if (serde(PromptRequest.class) instanceof ForeignSerde<PromptRequest> foreign) {
            foreign.requireAnswer();
        }
    }

    /** For admin clients; also what any other client needs to connect. */
    public Map<String, Object> adminProperties() {
        return with(Map.of());
    }

    /**
     * For producers: no loss, no duplicates by retry, and room for a dead letter. One request is
     * under way at a time: of two first ones to a partition that is just getting its leader, the
     * broker may refuse the first and take the second, and then refuses the first for good as out
     * of order.
     */
    public Map<String, Object> producerProperties() {
        return with(
                Map.of(
                        "acks", "all",
                        "enable.idempotence", "true",
                        "max.in.flight.requests.per.connection", "1",
                        "max.request.size", Integer.toString(DeadLetters.MAX_RECORD_BYTES)));
    }

    /** For consumers: from the first record, committed records only, offsets committed by hand. */
    public Map<String, Object> consumerProperties() {
        return with(
                Map.of(
                        "auto.offset.reset", "earliest",
                        "enable.auto.commit", "false",
                        "isolation.level", "read_committed"));
    }

    /**
     * For share consumers: one record held at a time, acknowledged explicitly, nothing prefetched.
     * Where a new group starts and how long its locks last are properties of the group on the
     * broker, not of the client. Extra properties that a share consumer refuses, since they are
     * meant for consumer groups, are left out.
     */
    public Map<String, Object> shareConsumerProperties(String group) {
        Map<String, Object> properties =
                with(
                        Map.of(
                                "share.acknowledgement.mode", "explicit",
                                "share.acquire.mode", "record_limit",
                                "max.poll.records", "1"));
        properties.keySet().removeAll(CONSUMER_GROUPS_ONLY);
        properties.put("group.id", group);
        return properties;
    }

    private Map<String, Object> with(Map<String, String> defaults) {
        Map<String, Object> properties = new HashMap<>(defaults);
        properties.putAll(clientExtra);
        properties.put("bootstrap.servers", bootstrapServers);
        return properties;
    }
}
