package io.mitune.schemas.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SchemaRegistryClientTest {
    private static final Schema STRING = Schema.create(Schema.Type.STRING);
    private static final String OF_STRING = "{\"schema\":\"\\\"string\\\"\"}";
    private static final String GET_1 = "GET /schemas/ids/1 null";

    private final FakeRegistry registry;

    SchemaRegistryClientTest() throws IOException {
        registry = new FakeRegistry();
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void asksOnceForEachIdAndSubject() {
        registry.then(200, OF_STRING).then(200, "{\"id\":7}");
        var client = client(Map.of());
        assertEquals(STRING, client.byId(1));
        assertEquals(STRING, client.byId(1));
        assertEquals(7, client.register("a/b c", STRING));
        assertEquals(7, client.register("a/b c", STRING));
        assertEquals(List.of(GET_1, "POST /subjects/a%2Fb%20c/versions null"), registry.calls());
    }

    @Test
    void repeatsACallUntilTheRegistryIsBack() {
        registry.then(503, "busy").then(500, "{\"error_code\":50001}").then(200, OF_STRING);
        assertEquals(STRING, client(Map.of()).byId(1));
        assertEquals(List.of(GET_1, GET_1, GET_1), registry.calls());
    }

    @Test
    void aRegistryThatStaysAwayIsNotTheRecordsFault() {
        registry.then(503, "");
        String error = unavailable(client(Map.of("max.retries", "2")));
        assertTrue(error.contains("found status 503"), error);
        assertEquals(3, registry.calls().size());
    }

    @Test
    void anUnknownIdIsTheRecordsFaultAndNotAskedAgainAndAgain() {
        registry.then(404, "{\"error_code\":40403,\"message\":\"Schema\\n not found\"}");
        var error = assertThrows(SerializationException.class, () -> client(Map.of()).byId(1));
        assertTrue(
                error.getMessage().endsWith("found status 404: Schema not found"),
                error.getMessage());
        assertEquals(1, registry.calls().size());
    }

    @Test
    void anotherProgramsPageIsNoAnswer() {
        registry.then(404, "<html>").then(200, "<html>").then(200, "{}").then(200, "[1]");
        assertFalse(unavailable(client(Map.of("max.retries", "1"))).isEmpty());
        assertThrows(SerializationException.class, () -> client(Map.of()).byId(1));
    }

    @Test
    void goesOnWithTheNextUrl() throws IOException {
        registry.then(200, OF_STRING);
        String dead;
        try (var socket = new ServerSocket(0)) {
            dead = "http://127.0.0.1:" + socket.getLocalPort();
        }
        Map<String, String> urls = Map.of("schema.registry.url", dead + "/ , " + registry.url());
        assertEquals(STRING, client(urls).byId(1));
        String error = unavailable(client(Map.of("schema.registry.url", dead)));
        assertTrue(error.contains(dead) && error.contains("is it running?"), error);
    }

    @Test
    void sendsTheCredentials() {
        registry.then(200, OF_STRING);
        String basic = "GET /schemas/ids/1 Basic YW5uOnM6Yw==";
        client(
                        Map.of(
                                "basic.auth.credentials.source",
                                "USER_INFO",
                                "basic.auth.user.info",
                                "ann:s:c"))
                .byId(1);
        client(Map.of("schema.registry.url", registry.url().replace("//", "//ann:s%3Ac@"))).byId(1);
        assertEquals(List.of(basic, basic), registry.calls());
    }

    @Test
    void wrongCredentialsAreToldAtOnce() {
        registry.then(401, "{\"error_code\":40101,\"message\":\"Unauthorized\"}");
        String error = unavailable(client(Map.of()));
        assertTrue(error.contains("check basic.auth.*"), error);
        assertEquals(1, registry.calls().size());
    }

    private String unavailable(SchemaRegistryClient client) {
        var error = assertThrows(RegistryUnavailableException.class, () -> client.byId(1));
        assertTrue(RetriableException.class.isInstance(error));
        assertFalse(error.getMessage().contains("\n"), error.getMessage());
        return error.getMessage();
    }

    private SchemaRegistryClient client(Map<String, String> extra) {
        Map<String, String> properties = new HashMap<>();
        properties.put("schema.registry.url", registry.url());
        properties.put("retries.wait.ms", "1");
        properties.putAll(extra);
        return SchemaRegistryClient.of(properties);
    }
}
