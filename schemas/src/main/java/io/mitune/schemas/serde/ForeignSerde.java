package io.mitune.schemas.serde;

import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Somebody else's serializer and deserializer, such as Confluent's own, behind our contract.
 *
 * <p>Named by Kafka's {@code value.serializer} and {@code value.deserializer} and configured with
 * all properties of the connection. Such classes tell an outage of the registry in their own way;
 * here it is a {@link RegistryUnavailableException} again, so that no good record becomes a dead
 * letter. One call at a time, hence thread-safe.
 */
public final class ForeignSerde<V extends SpecificRecord> implements Serde<V> {
    /** Properties that choose the classes. */
    public static final Set<String> NAMES = Set.of("value.serializer", "value.deserializer");

    private static final List<Class<? extends Throwable>> OUTAGES =
            List.of(
                    RetriableException.class,
                    AuthenticationException.class,
                    AuthorizationException.class,
                    SocketException.class,
                    SocketTimeoutException.class,
                    UnknownHostException.class,
                    HttpTimeoutException.class,
                    SSLException.class);

    /** An answer that is none of a registry, say a proxy's page, as Confluent's client words it. */
    private static final Pattern NO_ANSWER = Pattern.compile("; error code: (0|5[0-9]{4})$");

    private static final int MOST_CHARACTERS = 200;

    private final Class<V> type;
    private final Serializer<Object> serializer;
    private final Deserializer<Object> deserializer;

    private ForeignSerde(
            Class<V> type, Serializer<Object> serializer, Deserializer<Object> deserializer) {
        this.type = type;
        this.serializer = serializer;
        this.deserializer = deserializer;
    }

    /** Whether the properties name classes; one alone is an error. */
    public static boolean isNamedIn(Map<String, String> properties) {
        long named = NAMES.stream().filter(properties::containsKey).count();
        if (named == 1) {
            throw new IllegalArgumentException(
                    "value.serializer, value.deserializer: expected both or none, found one");
        }
        return named == 2;
    }

    /** The serde of one record class; everything in the properties reaches the foreign classes. */
    public static <V extends SpecificRecord> ForeignSerde<V> of(
            Map<String, String> properties, Class<V> type) {
        var all = new HashMap<String, Object>();
        // what Confluent's classes must know to give us our own records under our own schemas
        all.put("specific.avro.reader", "true");
        all.put("avro.remove.java.properties", "true");
        all.putAll(properties);
        // else a reader told to use the latest version would leave newer fields out, as null
        all.put("specific.avro.value.type", type);
        Serializer<Object> serializer = made(properties, "value.serializer", Serializer.class);
        Deserializer<Object> deserializer =
                made(properties, "value.deserializer", Deserializer.class);
        serializer.configure(all, false);
        deserializer.configure(all, false);
        return new ForeignSerde<>(type, serializer, deserializer);
    }

    @SuppressWarnings("unchecked") // what comes out is checked by its class
    private static <T> T made(Map<String, String> properties, String name, Class<?> kind) {
        String className = properties.get(name);
        try {
            return (T) Utils.newInstance(className, kind);
        } catch (ClassNotFoundException | KafkaException | ClassCastException e) {
            throw new IllegalArgumentException(
                    "%s: expected a %s on the class path, found %s that is none"
                            .formatted(name, kind.getSimpleName(), className),
                    e);
        }
    }

    @Override
    public Serializer<V> serializer() {
        return (topic, value) -> value == null ? null : write(topic, value);
    }

    @Override
    public Deserializer<V> deserializer() {
        return (topic, bytes) -> bytes == null ? null : read(topic, bytes);
    }

    /**
     * Asks for a schema that nobody has, by reading a record that claims it: whatever the classes
     * say of that record, they had an answer.
     *
     * @throws RegistryUnavailableException when they had none, or a refusal of our credentials
     */
    public synchronized void requireAnswer() {
        byte[] ofNoSchema = ByteBuffer.allocate(6).putInt(1, Integer.MAX_VALUE).array();
        try {
            deserializer.deserialize("registry", ofNoSchema);
        } catch (RuntimeException e) {
            var failure = translated("schema registry: expected an answer, found none", e);
            if (failure instanceof RegistryUnavailableException) {
                throw failure;
            }
        }
    }

    private synchronized byte[] write(String topic, V value) {
        try {
            return serializer.serialize(topic, value);
        } catch (RuntimeException e) {
            throw translated("topic " + topic + ": cannot write a " + type.getSimpleName(), e);
        }
    }

    private synchronized V read(String topic, byte[] bytes) {
        Object value;
        try {
            value = deserializer.deserialize(topic, bytes);
        } catch (RuntimeException e) {
            throw translated("topic " + topic + ": cannot read a " + type.getSimpleName(), e);
        }
        if (!type.isInstance(value)) {
            throw new SerializationException(
                    "topic %s: expected a %s, found %s"
                            .formatted(
                                    topic,
                                    type.getSimpleName(),
                                    value == null ? "nothing" : value.getClass().getName()));
        }
        return type.cast(value);
    }

    private static KafkaException translated(String what, RuntimeException failure) {
        boolean outage = false;
        Throwable root = failure;
        for (Throwable e = failure; e != null; e = e.getCause()) {
            outage |= isOutage(e);
            root = e;
        }
        String line = what + ": " + cut(SchemaRegistryClient.oneLine(failure));
        if (root != failure) {
            line += ": " + cut(SchemaRegistryClient.oneLine(root));
        }
        return outage
                ? new RegistryUnavailableException(line, failure)
                : new SerializationException(line, failure);
    }

    private static boolean isOutage(Throwable e) {
        return OUTAGES.stream().anyMatch(t -> t.isInstance(e))
                || NO_ANSWER.matcher(SchemaRegistryClient.oneLine(e)).find();
    }

    /** Confluent's messages hold whole schemas. */
    private static String cut(String message) {
        return message.length() <= MOST_CHARACTERS
                ? message
                : message.substring(0, MOST_CHARACTERS) + "...";
    }
}
