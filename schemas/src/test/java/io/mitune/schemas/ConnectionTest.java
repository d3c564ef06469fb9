package io.mitune.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;

class ConnectionTest {
    private final Connection connection =
            new Connection(
                    "localhost:9092",
                    "http://r:8081",
                    "p.",
                    Map.of(
                            "security.protocol", "SSL",
                            "session.timeout.ms", "7000",
                            "acks", "1",
                            "bootstrap.servers", "elsewhere:1",
                            "basic.auth.credentials.source", "USER_INFO",
                            "basic.auth.user.info", "ann:secret"));

    @Test
    void extraPropertiesReachEveryClientAndWinOverDefaults() {
        for (var properties :
                List.of(
                        connection.adminProperties(),
                        connection.producerProperties(),
                        connection.consumerProperties(),
                        connection.shareConsumerProperties("g"))) {
            assertEquals("localhost:9092", properties.get("bootstrap.servers"));
            assertEquals("SSL", properties.get("security.protocol"));
            assertEquals("1", properties.get("acks"));
            assertFalse(properties.containsValue("ann:secret"), "the registry's password");
        }
    }

    @Test
    void shareConsumersHoldOneRecord() {
        var properties = connection.shareConsumerProperties("workers");
        assertEquals("workers", properties.get("group.id"));
        assertEquals("explicit", properties.get("share.acknowledgement.mode"));
        assertEquals("record_limit", properties.get("share.acquire.mode"));
        assertEquals("1", properties.get("max.poll.records"));
    }

    @Test
    void shareConsumersDoNotSeeWhatTheyRefuse() {
        assertEquals("7000", connection.consumerProperties().get("session.timeout.ms"));
        try (var consumer =
                new KafkaShareConsumer<>(
                        connection.shareConsumerProperties("g"),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            assertFalse(consumer.metrics().isEmpty());
        }
    }

    @Test
    void topicsHaveThePrefix() {
        assertEquals("p.prompts", connection.topics().prompts().name());
    }
}
