package io.mitune.embedded;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/**
 * One broker of a cluster on the loopback, and where the others are. Immutable.
 *
 * <p>All nodes follow from the first node's ports, so that each can be started by itself: node i
 * has the i-th port from there, for clients and for controllers.
 *
 * @param id 1 to {@code nodes}
 * @param nodes of the cluster; an odd number
 * @param firstPort of the first node, for clients
 * @param firstControllerPort of the first node, for controllers
 */
public record KafkaNode(int id, int nodes, int firstPort, int firstControllerPort) {
    private static final int MOST = 5;
    private static final int HIGHEST_PORT = 65_535;

    /** Checks the values. */
    public KafkaNode {
        if (nodes < 1 || nodes > MOST || nodes % 2 == 0) {
            throw new EmbeddedException("nodes: expected 1, 3 or 5, found " + nodes);
        }
        if (id < 1 || id > nodes) {
            throw new EmbeddedException("node: expected 1 to %d, found %d".formatted(nodes, id));
        }
        if (Math.min(firstPort, firstControllerPort) < 1
                || Math.max(firstPort, firstControllerPort) + nodes - 1 > HIGHEST_PORT) {
            throw new EmbeddedException(
                    "ports: expected 1 to %d, found %d and %d"
                            .formatted(HIGHEST_PORT, firstPort, firstControllerPort));
        }
        if (Math.abs(firstPort - firstControllerPort) < nodes) {
            throw new EmbeddedException(
                    "ports: expected %d free ones from %d on before those of the controllers, found %d"
                            .formatted(nodes, firstPort, firstControllerPort));
        }
    }

    static KafkaNode alone(int port, int controllerPort) {
        return new KafkaNode(1, 1, port, controllerPort);
    }

    /** Of this node, for clients. */
    public int port() {
        return firstPort + id - 1;
    }

    /** Of this node, for controllers. */
    public int controllerPort() {
        return firstControllerPort + id - 1;
    }

    /** HOST:PORT of all nodes, separated by commas. */
    public String bootstrapServers() {
        return IntStream.range(0, nodes)
                .mapToObj(i -> EmbeddedKafka.HOST + ":" + (firstPort + i))
                .collect(Collectors.joining(","));
    }

    /** Kafka's list of voters. */
    String voters() {
        return IntStream.range(0, nodes)
                .mapToObj(i -> (i + 1) + "@" + EmbeddedKafka.HOST + ":" + (firstControllerPort + i))
                .collect(Collectors.joining(","));
    }

    /** The nodes of a cluster agree on it without talking; a node alone has one of its own. */
    String clusterId() {
        if (nodes == 1) {
            return Uuid.randomUuid().toString();
        }
        var bits = UUID.nameUUIDFromBytes(voters().getBytes(StandardCharsets.UTF_8));
        return new Uuid(bits.getMostSignificantBits(), bits.getLeastSignificantBits()).toString();
    }
}
