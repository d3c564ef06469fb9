package io.mitune.schemas.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Samples;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

/** The seam for Confluent's own serializers, with classes that behave like them. */
class ForeignSerdeTest {
    private static final Map<String, Exception> FAILURES =
            Map.of(
                    "away", new ConnectException("refused"),
                    "stranger", new SaslAuthenticationException("who are you?"),
                    "forbidden", new TopicAuthorizationException("not for you"),
                    "page", new IllegalStateException("found '(<html>)'; error code: 50005"),
                    "unknown", new IllegalStateException("no subject; error code: 40401"));

    /** Binary Avro without a header; refuses to work unconfigured. */
    public static final class Writer implements Serializer<Object> {
        private boolean configured;

        @Override
        public void configure(Map<String, ?> properties, boolean isKey) {
            configured =
                    !isKey
                            && properties.get("schema.registry.url").equals("http://r:1")
                            && properties.get("avro.remove.java.properties").equals("true")
                            && properties.get("rule.executors").equals("none");
        }

        @Override
        public byte[] serialize(String topic, Object value) {
            assertTrue(configured, "as Kafka configures it");
            Exception failure = FAILURES.get(topic);
            if (failure != null) {
                throw new SerializationException("Error " + "long ".repeat(999), failure);
            }
            try {
                return Utils.toArray(Candidate.getEncoder().encode((Candidate) value));
            } catch (IOException e) {
                throw new SerializationException("Error", e);
            }
        }
    }

    /** Reads what the writer writes. */
    public static final class Reader implements Deserializer<Object> {
        private String registry;

        @Override
        public void configure(Map<String, ?> properties, boolean isKey) {
            assertEquals("true", properties.get("specific.avro.reader"));
            registry = properties.get("schema.registry.other").toString();
        }

        @Override
        public Object deserialize(String topic, byte[] bytes) {
            if (topic.equals("registry")) {
                throw new SerializationException("Error", FAILURES.get(registry));
            }
            if (bytes.length == 0) {
                throw new SerializationException("Error deserializing", new EOFException());
            }
            try {
                return bytes.length == 1 ? "text" : Candidate.getDecoder().decode(bytes);
            } catch (IOException e) {
                throw new SerializationException("Error", e);
            }
        }
    }

    @Test
    void recordsPassThroughTheNamedClasses() {
        var serde = serde();
        byte[] bytes = serde.serializer().serialize("t", Samples.candidate());
        assertEquals(Samples.candidate(), serde.deserializer().deserialize("t", bytes));
        assertNull(serde.serializer().serialize("t", null));
        assertNull(serde.deserializer().deserialize("t", null));
    }

    @Test
    void anOutageIsNotABadRecord() {
        var serializer = serde().serializer();
        for (String topic : List.of("away", "stranger", "forbidden", "page")) {
            var outage =
                    assertThrows(
                            RegistryUnavailableException.class,
                            () -> serializer.serialize(topic, Samples.candidate()));
            String message = outage.getMessage();
            assertTrue(message.endsWith(": " + FAILURES.get(topic).getMessage()), message);
            assertTrue(message.length() < 500, message);
        }
        assertThrows(
                SerializationException.class,
                () -> serializer.serialize("unknown", Samples.candidate()));
        var deserializer = serde().deserializer();
        for (int length : new int[] {0, 1}) {
            assertThrows(
                    SerializationException.class,
                    () -> deserializer.deserialize("t", new byte[length]));
        }
    }

    @Test
    void aRegistryThatAnswersIsThereWhateverItSays() {
        for (String state : FAILURES.keySet()) {
            var properties = properties();
            properties.put("schema.registry.other", state);
            var connection = new Connection("h:1", "http://r:1", "", properties);
            if (state.equals("unknown")) {
                connection.requireRegistry();
            } else {
                assertThrows(RegistryUnavailableException.class, connection::requireRegistry);
            }
        }
    }

    @Test
    void kafkaClientsDoNotSeeTheNames() {
        var connection = new Connection("h:1", "http://r:1", "", properties());
        assertFalse(connection.producerProperties().containsKey("value.serializer"));
        assertFalse(connection.consumerProperties().containsKey("schema.registry.other"));
    }

    @Test
    void bothClassesMustBeThere() {
        var one = properties();
        one.remove("value.serializer");
        assertTrue(error(one).contains("expected both or none, found one"));
        var missing = properties();
        missing.put("value.serializer", "no.such.Class");
        assertTrue(error(missing).startsWith("value.serializer: expected a Serializer"));
        missing.put("value.serializer", "java.lang.String");
        assertTrue(error(missing).startsWith("value.serializer: expected a Serializer"));
    }

    private static String error(Map<String, String> properties) {
        return assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                new Connection("h:1", "http://r:1", "", properties)
                                        .serde(Candidate.class))
                .getMessage();
    }

    private static Serde<Candidate> serde() {
        return new Connection("h:1", "http://r:1", "", properties()).serde(Candidate.class);
    }

    /** With a name of the registry client that only the foreign classes know. */
    private static Map<String, String> properties() {
        return new HashMap<>(
                Map.of(
                        "value.serializer",
                        Writer.class.getName(),
                        "value.deserializer",
                        Reader.class.getName(),
                        "rule.executors",
                        "none",
                        "schema.registry.other",
                        "x"));
    }
}
