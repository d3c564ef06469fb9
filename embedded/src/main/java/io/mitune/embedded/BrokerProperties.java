package io.mitune.embedded;

import static io.mitune.embedded.EmbeddedKafka.HOST;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The broker's properties with their reasons. Stateless. */
final class BrokerProperties {
    static final String CONTROLLER = "CONTROLLER";

    /** Of the embedded broker's internal topics: 50 each cost most of a start. */
    private static final String FEW_PARTITIONS = "4";

    private BrokerProperties() {}

    static Map<String, String> of(Path directory, KafkaNode node) {
        Map<String, String> p = new HashMap<>();
        p.put("process.roles", "broker,controller");
        p.put("node.id", Integer.toString(node.id()));
        // a static quorum: a controller alone may come up on another port next time
        p.put("controller.quorum.voters", node.voters());
        p.put("controller.listener.names", CONTROLLER);
        String clients = "BROKER://" + HOST + ":" + node.port();
        String controller = CONTROLLER + "://" + HOST + ":" + node.controllerPort();
        p.put("listeners", clients + "," + controller);
        p.put("advertised.listeners", clients);
        p.put("inter.broker.listener.name", "BROKER");
        p.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.put("log.dirs", directory.toString());
        p.put("auto.create.topics.enable", "false");
        copies(p, node.nodes());
        promptGroups(p);
        // broker.session.timeout.ms stays at 9 s: a killed broker cannot start again earlier
        // 128 MiB of heap by default
        p.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        return p;
    }

    /** Of everything as many replicas as nodes; with three, one may be down. */
    private static void copies(Map<String, String> p, int nodes) {
        String replicas = Integer.toString(nodes);
        String inSync = Integer.toString(nodes / 2 + 1);
        p.put("default.replication.factor", replicas);
        p.put("min.insync.replicas", inSync);
        p.put("offsets.topic.replication.factor", replicas);
        p.put("offsets.topic.num.partitions", FEW_PARTITIONS);
        p.put("transaction.state.log.replication.factor", replicas);
        p.put("transaction.state.log.min.isr", inSync);
        p.put("transaction.state.log.num.partitions", FEW_PARTITIONS);
        p.put("share.coordinator.state.topic.replication.factor", replicas);
        p.put("share.coordinator.state.topic.min.isr", inSync);
        p.put("share.coordinator.state.topic.num.partitions", FEW_PARTITIONS);
        // the others may be started by hand
        p.put("initial.broker.registration.timeout.ms", nodes == 1 ? "60000" : "600000");
    }

    /** A new member gets its first record at once instead of after five seconds. */
    private static void promptGroups(Map<String, String> p) {
        p.put("group.initial.rebalance.delay.ms", "0");
        p.put("group.streams.initial.rebalance.delay.ms", "0");
        p.put("group.consumer.min.heartbeat.interval.ms", "200");
        p.put("group.consumer.heartbeat.interval.ms", "500");
        p.put("group.share.min.heartbeat.interval.ms", "200");
        p.put("group.share.heartbeat.interval.ms", "500");
        p.put("group.share.assignment.interval.ms", "0");
        // a candidate task on a slow processor may take long between two renewals
        p.put("group.share.max.record.lock.duration.ms", "3600000");
    }
}
