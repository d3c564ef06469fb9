package io.mitune.schemas.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
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
    private volatile boolean clientsMustShowACertificate;

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
                Map.of(
                        PREFIX + "keystore.location",
                        store,
                        PREFIX + "keystore.password",
                        "secret",
                        PREFIX + "truststore.location",
                        store,
                        PREFIX + "truststore.password",
                        "secret");
        https.setHttpsConfigurator(
                new HttpsConfigurator(RegistryTls.of(own).orElseThrow()) {
                    @Override
                    public void configure(HttpsParameters connection) {
                        var parameters = getSSLContext().getDefaultSSLParameters();
                        parameters.setNeedClientAuth(clientsMustShowACertificate);
                        connection.setSSLParameters(parameters);
                    }
                });
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
    void showsItsOwnCertificateWhenAskedAndTakesPem() throws Exception {
        var keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(Path.of(store))) {
            keys.load(in, "secret".toCharArray());
        }
        String chain = pem("CERTIFICATE", keys.getCertificate("a").getEncoded());
        String key = pem("PRIVATE KEY", keys.getKey("a", "secret".toCharArray()).getEncoded());
        Path trusted = Files.writeString(dir.resolve("ca.pem"), chain);
        clientsMustShowACertificate = true;
        var trust =
                Map.of(
                        PREFIX + "truststore.type",
                        "PEM",
                        PREFIX + "truststore.location",
                        trusted.toString());
        assertThrows(RegistryUnavailableException.class, () -> client(trust).byId(1));
        var both = new HashMap<>(trust);
        both.put(PREFIX + "keystore.certificate.chain", chain);
        both.put(PREFIX + "keystore.key", key);
        assertEquals(Schema.create(Schema.Type.STRING), client(both).byId(1));
    }

    private static String pem(String what, byte[] bytes) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, body, what);
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
                error.getMessage().startsWith(PREFIX + "*: expected usable stores, found")
                        && error.getMessage().contains(store)
                        && !error.getMessage().contains("guess"),
                error.getMessage());
    }

    private SchemaRegistryClient client(Map<String, String> tls) {
        Map<String, String> properties = new HashMap<>(tls);
        properties.put("schema.registry.url", "https://127.0.0.1:" + https.getAddress().getPort());
        properties.put("max.retries", "0");
        return SchemaRegistryClient.of(properties);
    }
}
