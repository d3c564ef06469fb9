package io.mitune.schemas.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryConfigTest {
    @Test
    void readsConfluentsNames() {
        var config =
                RegistryConfig.of(
                        Map.of(
                                "schema.registry.url", "http://a:1/,https://u:p@b/path/",
                                "auto.register.schemas", false,
                                "use.latest.version", "true",
                                "max.retries", 3,
                                "unrelated", "x"));
        assertEquals(
                List.of(URI.create("http://a:1"), URI.create("https://b/path")), config.urls());
        assertFalse(config.autoRegister());
        assertTrue(config.useLatest());
        assertEquals(3, config.maxRetries());
        assertFalse(config.toString().contains("u:p"), "a password must not be printed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost:8081", "ftp://h", "http://", "http://a b", "http://a,,"})
    void refusesWhatIsNoUrl(String url) {
        var error = error(Map.of("schema.registry.url", url));
        assertTrue(error.startsWith("schema.registry.url: expected http://HOST:PORT"), error);
    }

    @Test
    void doesNotPrintABrokenUrlSinceItMayHoldAPassword() {
        var error = error(Map.of("schema.registry.url", "http://ann:secret@ho st"));
        assertFalse(error.contains("secret"), error);
    }

    @ParameterizedTest
    @CsvSource({
        "auto.register.schemas, yes",
        "max.retries, -1",
        "retries.wait.ms, 1s",
        "basic.auth.credentials.source, SASL_INHERIT",
        "bearer.auth.token, x",
        "schema.registry.ssl.engine.factory.class, x",
        "schema.registry.ssl.truststore.location, /no/such/file",
        "basic.auth.credentials.source, USER_INFO"
    })
    void refusesOtherBadValuesByName(String name, String value) {
        var error = error(Map.of("schema.registry.url", "http://a", name, value));
        String key = value.equals("USER_INFO") ? "basic.auth.user.info" : name;
        assertTrue(error.startsWith(key + ": expected"), error);
    }

    private static String error(Map<String, String> properties) {
        return assertThrows(IllegalArgumentException.class, () -> RegistryConfig.of(properties))
                .getMessage();
    }
}
