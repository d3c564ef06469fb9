package io.mitune.schemas.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.Base64;
import java.util.HashMap;
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
        "basic.auth.credentials.source, OTHER",
        "bearer.auth.credentials.source, OAUTHBEARER",
        "normalize.schemas, maybe",
        "proxy.host, somewhere",
        "value.subject.name.strategy, io.confluent.kafka.serializers.subject.RecordNameStrategy",
        "specific.avro.reader, false",
        "schema.registry.ssl.endpoint.identification.algorithm, ''",
        "schema.registry.ssl.engine.factory.class, x",
        "basic.auth.credentials.source, USER_INFO"
    })
    void refusesOtherBadValuesByName(String name, String value) {
        var error = error(Map.of("schema.registry.url", "http://a", name, value));
        String key = value.equals("USER_INFO") ? "basic.auth.user.info" : name;
        assertTrue(error.startsWith(key + ": expected"), error);
    }

    @Test
    void takesConfluentsOtherNamesWithTheValuesThatHold() {
        var config =
                RegistryConfig.of(
                        Map.of(
                                "schema.registry.url", "http://a",
                                "value.subject.name.strategy",
                                        "io.confluent.kafka.serializers.subject.TopicNameStrategy",
                                "specific.avro.reader", "true",
                                "normalize.schemas", "true",
                                "latest.cache.ttl.sec", "-1"));
        assertTrue(config.normalize());
    }

    @Test
    void sendsATokenOrAUserAndNotBoth() {
        var token =
                Map.of(
                        "schema.registry.url", "http://a",
                        "bearer.auth.credentials.source", "STATIC_TOKEN",
                        "bearer.auth.token", "abc.def");
        assertEquals("Bearer abc.def", RegistryConfig.of(token).authorization().orElseThrow());
        var both = new HashMap<>(token);
        both.put("basic.auth.credentials.source", "USER_INFO");
        both.put("basic.auth.user.info", "ann:secret");
        assertTrue(error(both).startsWith("bearer.auth.credentials.source: expected one kind"));
        var broken = new HashMap<>(token);
        broken.put("bearer.auth.token", "secret\nX-Header: 1");
        assertFalse(error(broken).contains("secret"), "a broken token is not shown");
    }

    @Test
    void inheritsUserAndPasswordOfKafka() {
        var properties =
                Map.of(
                        "schema.registry.url", "http://a",
                        "basic.auth.credentials.source", "SASL_INHERIT",
                        "sasl.jaas.config",
                                "org.apache.kafka.common.security.scram.ScramLoginModule required"
                                        + " username=\"ann\" password=\"pass word\";");
        var sent = RegistryConfig.of(properties).authorization().orElseThrow();
        assertEquals(
                "ann:pass word",
                new String(Base64.getDecoder().decode(sent.replace("Basic ", "")), UTF_8));
        var broken = new HashMap<>(properties);
        broken.put("sasl.jaas.config", "nonsense secret");
        assertFalse(error(broken).contains("secret"), error(broken));
    }

    @Test
    void namesAStoreThatCannotBeRead() {
        var error =
                error(
                        Map.of(
                                "schema.registry.url", "https://a",
                                "schema.registry.ssl.truststore.location", "/no/such/file"));
        assertTrue(error.startsWith("schema.registry.ssl.*: expected usable stores"), error);
        assertTrue(error.contains("/no/such/file"), error);
    }

    private static String error(Map<String, String> properties) {
        return assertThrows(IllegalArgumentException.class, () -> RegistryConfig.of(properties))
                .getMessage();
    }
}
