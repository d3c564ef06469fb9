package io.mitune.app.security;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.embedded.EmbeddedKafka;
import io.mitune.embedded.EmbeddedRegistry;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/** A broker with SCRAM over TLS and its authorizer on, in a folder with its users' files. */
final class SecuredCluster implements AutoCloseable {
    static final String ROOT = "root";
    private static final String STORE_PASSWORD = "store-secret-7";
    private static final String SCRAM = "SCRAM-SHA-512";

    private final Path folder;
    private final EmbeddedKafka kafka;
    private final EmbeddedRegistry registry;

    SecuredCluster(Path folder) throws Exception {
        this.folder = folder;
        makeCertificate();
        kafka =
                EmbeddedKafka.start(
                        folder.resolve("kafka"),
                        0,
                        brokerProperties(),
                        List.of("%s=[name=%s,password=%s]".formatted(SCRAM, ROOT, secret(ROOT))));
        registry = EmbeddedRegistry.start(folder.resolve("registry.log"), 0);
    }

    static String secret(String user) {
        return "secret-of-" + user + "-x9";
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    String registryUrl() {
        return registry.url();
    }

    /** The client properties of a user, with the password in a file of its own. */
    Path clientFile(String user) throws IOException {
        return clientFile(user, secret(user));
    }

    Path clientFile(String user, String password) throws IOException {
        Path secrets = folder.resolve(user + "-secret.properties");
        Files.writeString(secrets, "password=" + password + "\nstore=" + STORE_PASSWORD + "\n");
        return Files.writeString(
                folder.resolve(user + ".properties"),
                """
                security.protocol=SASL_SSL
                sasl.mechanism=%s
                sasl.jaas.config=%s required username="%s" password="${file:%s:password}";
                ssl.truststore.location=%s
                ssl.truststore.password=${file:%s:store}
                ssl.truststore.type=PKCS12
                """
                        .formatted(
                                SCRAM,
                                "org.apache.kafka.common.security.scram.ScramLoginModule",
                                user,
                                secrets,
                                folder.resolve("broker.p12"),
                                secrets));
    }

    void createUsers(String... users) throws Exception {
        var alterations = new ArrayList<UserScramCredentialAlteration>();
        for (String user : users) {
            var info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
            alterations.add(new UserScramCredentialUpsertion(user, info, secret(user)));
        }
        try (var admin = Admin.create(rootProperties())) {
            admin.alterUserScramCredentials(alterations).all().get();
        }
    }

    /** The root user's properties with their secrets, for a tool that knows no references. */
    Path plainFile() throws IOException {
        var lines = rootProperties().entrySet().stream().map(e -> e.getKey() + "=" + e.getValue());
        return Files.write(folder.resolve(ROOT + ".plain"), lines.toList());
    }

    /** For what only the outside world does, such as writing nonsense to a topic. */
    Connection rootConnection() {
        var properties = new HashMap<String, String>();
        rootProperties().forEach((name, value) -> properties.put(name, value.toString()));
        return new Connection(bootstrapServers(), registryUrl(), Topics.DEFAULT_PREFIX, properties);
    }

    private Map<String, Object> rootProperties() {
        return Map.of(
                "bootstrap.servers",
                bootstrapServers(),
                "security.protocol",
                "SASL_SSL",
                "sasl.mechanism",
                SCRAM,
                "sasl.jaas.config",
                jaas("scram.ScramLoginModule", ""),
                "ssl.truststore.location",
                folder.resolve("broker.p12").toString(),
                "ssl.truststore.password",
                STORE_PASSWORD,
                "ssl.truststore.type",
                "PKCS12");
    }

    /** The controller cannot ask itself for SCRAM secrets before it is up: PLAIN over TLS there. */
    private Map<String, String> brokerProperties() {
        String store = folder.resolve("broker.p12").toString();
        return Map.ofEntries(
                Map.entry("listener.security.protocol.map", "BROKER:SASL_SSL,CONTROLLER:SASL_SSL"),
                Map.entry("sasl.enabled.mechanisms", SCRAM),
                Map.entry("sasl.mechanism.inter.broker.protocol", SCRAM),
                Map.entry("sasl.mechanism.controller.protocol", "PLAIN"),
                Map.entry("listener.name.controller.sasl.enabled.mechanisms", "PLAIN"),
                Map.entry(
                        "listener.name.controller.plain.sasl.jaas.config",
                        jaas("plain.PlainLoginModule", " user_root=\"" + secret(ROOT) + "\"")),
                Map.entry(
                        "listener.name.broker.scram-sha-512.sasl.jaas.config",
                        jaas("scram.ScramLoginModule", "")),
                Map.entry("ssl.keystore.location", store),
                Map.entry("ssl.keystore.password", STORE_PASSWORD),
                Map.entry("ssl.keystore.type", "PKCS12"),
                Map.entry("ssl.truststore.location", store),
                Map.entry("ssl.truststore.password", STORE_PASSWORD),
                Map.entry("ssl.truststore.type", "PKCS12"),
                Map.entry("authorizer.class.name", RecordingAuthorizer.class.getName()),
                Map.entry("super.users", "User:" + ROOT),
                Map.entry("allow.everyone.if.no.acl.found", "false"));
    }

    private static String jaas(String module, String more) {
        return "org.apache.kafka.common.security.%s required username=\"%s\" password=\"%s\"%s;"
                .formatted(module, ROOT, secret(ROOT), more);
    }

    private void makeCertificate() throws Exception {
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String options =
                "-genkeypair -alias broker -keyalg EC -dname CN=localhost -ext san=ip:127.0.0.1"
                        + " -storetype PKCS12 -storepass %s -keypass %s -keystore"
                                .formatted(STORE_PASSWORD, STORE_PASSWORD);
        var command = new ArrayList<>(List.of(keytool));
        command.addAll(List.of(options.split(" ")));
        command.add(folder.resolve("broker.p12").toString());
        var quiet = ProcessBuilder.Redirect.DISCARD;
        assertEquals(
                0,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(quiet)
                        .start()
                        .waitFor());
    }

    @Override
    public void close() {
        registry.close();
        kafka.close();
    }
}
