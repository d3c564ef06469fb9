package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.schemas.serde.SchemaRegistryClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Serde and schema history against a registry that is not ours. */
@ExtendWith(RealRegistry.class)
class ApicurioIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path folder;
    private static RealRegistry registry;

    @BeforeAll
    static void start() throws IOException {
        registry = RealRegistry.start(folder);
        registry.call("PUT", "/config", "{\"compatibility\":\"FULL_TRANSITIVE\"}");
    }

    @AfterAll
    static void stop() {
        if (registry != null) {
            registry.close();
        }
    }

    @Test
    void aCandidateComesBackEqual() {
        byte[] bytes =
                connection(Map.of())
                        .serde(Candidate.class)
                        .serializer()
                        .serialize("t.candidates", Samples.candidate());
        var cold = connection(Map.of()).serde(Candidate.class).deserializer();
        assertEquals(Samples.candidate(), cold.deserialize("t.candidates", bytes));
    }

    @Test
    void unknownSchemasAreRefusedWhenTheyMustNotBeRegistered() {
        var strict = connection(Map.of("auto.register.schemas", "false"));
        var error =
                assertThrows(
                        SerializationException.class,
                        () ->
                                strict.serde(Candidate.class)
                                        .serializer()
                                        .serialize("other", Samples.candidate()));
        assertTrue(error.getMessage().contains("other-value"), error.getMessage());
    }

    @Test
    void theLatestVersionIsUsedWhenAskedFor() throws IOException {
        var first = SchemaHistory.of(Candidate.class).get(0);
        client().register("latest-value", first);
        var latest =
                connection(Map.of("auto.register.schemas", "false", "use.latest.version", "true"));
        byte[] bytes =
                latest.serde(Candidate.class).serializer().serialize("latest", Samples.candidate());
        assertEquals(
                Samples.candidate(),
                latest.serde(Candidate.class).deserializer().deserialize("latest", bytes));
    }

    /** The registry itself says of each version that it may follow those before it. */
    @ParameterizedTest
    @MethodSource("io.mitune.schemas.SchemaHistory#records")
    void theWholeHistoryIsCompatible(Class<?> record) throws IOException {
        String subject = "history." + record.getSimpleName() + "-value";
        for (Schema version : SchemaHistory.of(record)) {
            client().register(subject, version);
            assertTrue(isCompatible(subject, version), subject);
        }
    }

    @Test
    void anIncompatibleChangeIsRefused() throws IOException {
        Schema good = SchemaHistory.of(Vote.class).get(0);
        client().register("broken-value", good);
        var bad = SchemaHistory.withFieldWithoutDefault(good);
        assertFalse(isCompatible("broken-value", bad));
        var error =
                assertThrows(
                        SerializationException.class, () -> client().register("broken-value", bad));
        assertTrue(error.getMessage().contains("409"), error.getMessage());
    }

    private static boolean isCompatible(String subject, Schema schema) throws IOException {
        String body = JSON.createObjectNode().put("schema", schema.toString()).toString();
        String path = "/compatibility/subjects/" + subject + "/versions/latest";
        return JSON.readTree(registry.call("POST", path, body)).path("is_compatible").asBoolean();
    }

    private static SchemaRegistryClient client() {
        return SchemaRegistryClient.of(Map.of("schema.registry.url", registry.url()));
    }

    private static Connection connection(Map<String, String> extra) {
        return new Connection("localhost:1", registry.url(), "", extra);
    }
}
