package io.mitune.app.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.mitune.app.CommandLineRunner;
import io.mitune.schemas.Connection;
import io.mitune.streams.StreamsSettings;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.curator.CuratorTopology;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** All clients log what they are told, at every level: no password is ever among it. */
class SecretsTest {
    private static final String SECRET = "hush-4711";

    @TempDir Path folder;
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();
    private Level before;

    @BeforeEach
    void listen() {
        before = root.getLevel();
        root.setLevel(Level.DEBUG);
        said.start();
        root.addAppender(said);
    }

    @AfterEach
    void stop() {
        root.detachAppender(said);
        root.setLevel(before);
    }

    @Test
    void clientsAndTopologiesDoNotLogThem() {
        var connection = new Connection("127.0.0.1:1", "http://127.0.0.1:1", "x.", secrets());
        Admin.create(connection.adminProperties()).close();
        var write = new StringSerializer();
        var read = new StringDeserializer();
        new KafkaProducer<>(connection.producerProperties(), write, write).close();
        new KafkaConsumer<>(connection.consumerProperties(), read, read).close();
        new KafkaShareConsumer<>(connection.shareConsumerProperties("g"), read, read).close();
        var role = CuratorTopology.role(connection, CurationConfig.DEFAULT);
        var settings = StreamsSettings.of(connection, folder);
        new KafkaStreams(role.topology(), role.properties(settings)).close();
        nothingWasSaid(connection.toString());
    }

    @Test
    void errorsDoNotTellThem() throws Exception {
        var file = folder.resolve("client.properties");
        var lines = secrets().entrySet().stream().map(e -> e.getKey() + "=" + e.getValue());
        Files.write(file, lines.toList());
        for (var broken :
                List.of(
                        "basic.auth.credentials.source=NONE",
                        "schema.registry.ssl.truststore.password=" + SECRET,
                        "bearer.auth.token=" + SECRET,
                        "sasl.jaas.config=broken " + SECRET)) {
            for (var words :
                    List.of(
                            List.of("tap", "prompts"),
                            List.of("curate", "--state-dir", folder.resolve("state")))) {
                var all = new ArrayList<Object>(words);
                all.addAll(List.of("--kafka-config", file, "--kafka", broken));
                var result = CommandLineRunner.run(all.toArray());
                assertNotEquals(0, result.code(), broken);
                assertEquals(1, result.err().lines().count(), result.err());
                nothingWasSaid(result.err() + result.out());
            }
        }
    }

    private void nothingWasSaid(String more) {
        assertFalse(more.contains(SECRET), more);
        for (var event : List.copyOf(said.list)) {
            assertFalse(event.getFormattedMessage().contains(SECRET), event.getFormattedMessage());
            var thrown = event.getThrowableProxy();
            assertFalse(
                    thrown != null && String.valueOf(thrown.getMessage()).contains(SECRET),
                    event.getFormattedMessage());
        }
    }

    private static Map<String, String> secrets() {
        var p = new HashMap<String, String>();
        p.put("security.protocol", "SASL_PLAINTEXT");
        p.put("sasl.mechanism", "PLAIN");
        p.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required"
                        + " username=\"ann\" password=\""
                        + SECRET
                        + "\";");
        p.put("ssl.key.password", SECRET);
        p.put("ssl.keystore.password", SECRET);
        p.put("ssl.truststore.password", SECRET);
        p.put("basic.auth.credentials.source", "USER_INFO");
        p.put("basic.auth.user.info", "ann:" + SECRET);
        return p;
    }
}
