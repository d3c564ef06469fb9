package io.mitune.workers.queue;

import io.mitune.schemas.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;

/**
 * The broker's side of a share group: where it starts, how long its locks last, how often it
 * delivers.
 *
 * <p>These belong to the group, not to a client, and the defaults lose tasks: a new share group
 * starts at the <em>end</em> of its topics, so tasks planned before the first worker came would
 * never be done; and it reads what was never committed. On a cluster with access control an
 * administrator runs this once.
 */
public final class WorkGroup {
    private WorkGroup() {}

    /**
     * Sets the group's properties; setting them again is harmless.
     *
     * @throws IllegalStateException with one line that says what the broker refused
     */
    public static void configure(Connection connection, QueueConfig config) {
        var group = new ConfigResource(ConfigResource.Type.GROUP, config.group());
        var changes =
                List.of(
                        set("share.auto.offset.reset", "earliest"),
                        set("share.record.lock.duration.ms", millis(config.lock())),
                        set(
                                "share.delivery.count.limit",
                                Integer.toString(config.brokerDeliveryLimit())),
                        // so far others may run ahead of one slow worker's task; brokers' most
                        set("share.partition.max.record.locks", "4000"),
                        // tasks of a planner that died before it committed are none
                        set("share.isolation.level", "read_committed"),
                        // unknown before Kafka 4.2, whose locks cannot be renewed
                        set("share.renew.acknowledge.enable", "true"));
        try (Admin admin = Admin.create(connection.adminProperties())) {
            admin.incrementalAlterConfigs(Map.of(group, changes)).all().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                throw new IllegalStateException(
                        ("share group %s: cannot set its properties: expected an ACL for"
                                        + " AlterConfigs on it, found none; let an administrator run mitune"
                                        + " topics create, and start with --no-configure-group")
                                .formatted(config.group()));
            }
            throw new IllegalStateException(
                    "share group %s: cannot set its properties, expected Kafka 4.2 or newer: %s"
                            .formatted(config.group(), e.getCause().getMessage()),
                    e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("share group " + config.group() + ": interrupted", e);
        }
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }
}
