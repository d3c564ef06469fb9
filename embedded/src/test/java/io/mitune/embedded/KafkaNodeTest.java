package io.mitune.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KafkaNodeTest {
    @Test
    void nodesAgreeWithoutTalking() {
        var one = new KafkaNode(1, 3, 9092, 19092);
        var three = new KafkaNode(3, 3, 9092, 19092);
        assertEquals(9094, three.port());
        assertEquals(19094, three.controllerPort());
        assertEquals("127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094", one.bootstrapServers());
        assertEquals("1@127.0.0.1:19092,2@127.0.0.1:19093,3@127.0.0.1:19094", three.voters());
        assertEquals(one.clusterId(), three.clusterId());
        assertNotEquals(one.clusterId(), new KafkaNode(1, 3, 9092, 29092).clusterId());
        assertNotEquals(
                KafkaNode.alone(9092, 19092).clusterId(), KafkaNode.alone(9092, 19092).clusterId());
    }

    @Test
    void refusesWhatCannotBe() {
        refused("nodes: expected 1, 3 or 5, found 2", 1, 2, 9092, 19092);
        refused("node: expected 1 to 3, found 4", 4, 3, 9092, 19092);
        refused("found 65534 and 19092", 1, 3, 65534, 19092);
        refused("found 9093", 1, 3, 9092, 9093);
    }

    private static void refused(String part, int id, int nodes, int port, int controller) {
        var error =
                assertThrows(
                        EmbeddedException.class, () -> new KafkaNode(id, nodes, port, controller));
        assertTrue(error.getMessage().contains(part), error.getMessage());
    }
}
