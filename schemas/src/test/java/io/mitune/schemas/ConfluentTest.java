package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.embedded.EmbeddedRegistry;
import io.mitune.schemas.serde.FakeRegistry;
import io.mitune.schemas.serde.RegistryUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Confluent's serializers with the embedded registry, and with one that does not answer. */
class ConfluentTest extends ConfluentExchange {
    private static final Map<String, String> IMPATIENT =
            Map.of("max.retries", "1", "retries.wait.ms", "1");

    @TempDir Path folder;
    private EmbeddedRegistry registry;

    @BeforeEach
    void start() {
        registry = EmbeddedRegistry.start(folder.resolve("registry.log"), 0);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Override
    String url() {
        return registry.url();
    }

    @Test
    void aRegistryThatIsAwayDoesNotCondemnTheRecord() {
        var warm = theirs(Candidate.class, IMPATIENT);
        byte[] good = warm.serializer().serialize("t", Samples.candidate());
        assertEquals(Samples.candidate(), warm.deserializer().deserialize("t", good));
        connection().requireRegistry();
        registry.close();
        assertEquals(Samples.candidate(), warm.deserializer().deserialize("t", good));
        unavailable(connection());
    }

    private Connection connection() {
        return new Connection("h:1", url(), "", IMPATIENT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    401 | {"error_code":401,"message":"Unauthorized"}
                    403 | {"error_code":40301,"message":"Forbidden"}
                    404 | <html>no such page</html>
                    404 | {"detail":"no such page"}
                    429 | {"error_code":42901,"message":"Too many requests"}
                    500 | {"error_code":50001,"message":"Error in the backend data store"}
                    502 | <html>bad gateway</html>
                    503 | {"error_code":50301,"message":"starting"}
                    504 | timed out
                    """)
    void norDoesOneThatAnswersSomethingElse(int status, String answer) throws IOException {
        try (var fake = new FakeRegistry().then(status, answer)) {
            unavailable(new Connection("h:1", fake.url(), "", IMPATIENT));
        }
    }

    @Test
    void credentialsReachTheRegistry() throws IOException {
        var extra =
                Map.of("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", "a:b");
        try (var fake = new FakeRegistry().then(200, "{\"id\":7}")) {
            new Connection("h:1", fake.url(), "", extra)
                    .serde(Candidate.class)
                    .serializer()
                    .serialize("t", Samples.candidate());
            assertTrue(fake.calls().get(0).endsWith(" Basic YTpi"), fake.calls().toString());
        }
    }

    private static void unavailable(Connection connection) {
        var serde = connection.serde(Candidate.class);
        assertThrows(RegistryUnavailableException.class, connection::requireRegistry);
        assertThrows(
                RegistryUnavailableException.class,
                () -> serde.serializer().serialize("t", Samples.candidate()));
        assertThrows(
                RegistryUnavailableException.class,
                () -> serde.deserializer().deserialize("t", new byte[] {0, 0, 0, 0, 1, 0}));
    }
}
