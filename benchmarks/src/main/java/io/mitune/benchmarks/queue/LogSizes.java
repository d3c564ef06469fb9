package io.mitune.benchmarks.queue;

import io.mitune.schemas.Connection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;

/** Bytes of the broker's logs, by what they are for. */
final class LogSizes {
    private LogSizes() {}

    static Map<String, Long> of(Connection connection) {
        try (var admin = Admin.create(connection.adminProperties())) {
            var brokers =
                    admin.describeCluster().nodes().get().stream().map(node -> node.id()).toList();
            var sizes = new TreeMap<String, Long>();
            for (var dirs : admin.describeLogDirs(brokers).allDescriptions().get().values()) {
                dirs.values().forEach(dir -> add(dir, sizes));
            }
            return sizes;
        } catch (ExecutionException e) {
            throw new IllegalStateException("log sizes: " + e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("log sizes: interrupted", e);
        }
    }

    private static void add(LogDirDescription dir, Map<String, Long> sizes) {
        dir.replicaInfos()
                .forEach(
                        (partition, info) ->
                                sizes.merge(kind(partition.topic()), info.size(), Long::sum));
    }

    private static String kind(String topic) {
        if (topic.startsWith("__")) {
            return "offsets, transactions, share group";
        }
        for (var role : List.of("planner", "curator")) {
            if (topic.startsWith("mitune-" + role)) {
                return "state of the " + role;
            }
        }
        return topic.replaceFirst("^mitune\\.", "");
    }
}
