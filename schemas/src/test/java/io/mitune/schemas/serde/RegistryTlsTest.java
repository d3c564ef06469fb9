package io.mitune.schemas.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTlsTest {
    private static final String PREFIX = RegistryTls.PREFIX;

    @TempDir Path dir;
    private String store;
    private HttpsServer https;

    @BeforeEach
    void start() throws Exception {
        store = dir.resolve("store.p12").toString();
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String options =
                "-genkeypair -alias a -keyalg EC -dname CN=localhost -ext san=ip:127.0.0.1"
                        + " -storetype PKCS12 -storepass secret -keypass secret -keystore";
        var command = new ArrayList<>(List.of(keytool));
        command.addAll(List.of(options.split(" ")));
        command.add(store);
        assertEquals(
                0,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor());
        https = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        var own =
                Map.of(PREFIX + "keystore.location", store, PREFIX + "keystore.password", "secret");
        https.setHttpsConfigurator(new HttpsConfigurator(RegistryTls.of(own).orElseThrow()));
        https.createContext(
                "/",
                exchange -> {
                    byte[] answer =
                            "{\"schema\":\"\\\"string\\\"\"}".getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        https.start();
    }

    @AfterEach
    void stop() {
        https.stop(0);
    }

    @Test
    void trustsACertificateOfItsTruststore() {
        var client =
                client(
                        Map.of(
                                PREFIX + "truststore.location",
                                store,
                                PREFIX + "truststore.password",
                                "secret"));
        assertEquals(Schema.create(Schema.Type.STRING), client.byId(1));
    }

    @Test
    void refusesACertificateThatNobodyKnows() {
        var error =
                assertThrows(RegistryUnavailableException.class, () -> client(Map.of()).byId(1));
        assertTrue(error.getMessage().contains("certification path"), error.getMessage());
    }

    @Test
    void tellsAWrongPassword() {
        var wrong =
                Map.of(
                        PREFIX + "truststore.location",
                        store,
                        PREFIX + "truststore.password",
                        "guess");
        var error = assertThrows(IllegalArgumentException.class, () -> client(wrong));
        assertTrue(
                error.getMessage().startsWith(PREFIX + "truststore.location: expected a PKCS12"),
                error.getMessage());
    }

    private SchemaRegistryClient client(Map<String, String> tls) {
        Map<String, String> properties = new HashMap<>(tls);
        properties.put("schema.registry.url", "https://127.0.0.1:" + https.getAddress().getPort());
        properties.put("max.retries", "0");
        return SchemaRegistryClient.of(properties);
    }
}
