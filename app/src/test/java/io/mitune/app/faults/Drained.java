package io.mitune.app.faults;

import io.mitune.schemas.Connection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.TopicPartition;

/** Asks the broker what the groups have not dealt with yet. */
final class Drained {
    private final Connection connection;
    private String last = "";

    Drained(Connection connection) {
        this.connection = connection;
    }

    /** What is left, in one line; empty when the groups are through with all there is. */
    String left() {
        try (var admin = Admin.create(connection.adminProperties())) {
            last = ofQueue(admin) + ofGroup(admin, "planner") + ofGroup(admin, "curator");
        } catch (ExecutionException e) {
            last = "unknown: " + e.getCause().getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return last;
    }

    /** The last answer. */
    String last() {
        return last;
    }

    @Override
    public String toString() {
        return "the groups are through, left: " + last;
    }

    private String ofQueue(Admin admin) throws ExecutionException, InterruptedException {
        var group = "mitune.workers";
        var asked = Map.of(group, new ListShareGroupOffsetsSpec());
        var known =
                admin.listShareGroupOffsets(asked).partitionsToOffsetInfo(group).get().entrySet();
        var left = new StringBuilder(known.isEmpty() ? "workers: no group " + group + "; " : "");
        for (var entry : known) {
            var partition = entry.getKey();
            long lag = lag(admin, partition, Optional.ofNullable(entry.getValue()));
            if (lag != 0) {
                left.append("workers: ").append(partition).append(": ").append(lag).append("; ");
            }
        }
        return left.toString();
    }

    /** The broker has no lag of a partition that nothing was ever taken from. */
    private static long lag(
            Admin admin, TopicPartition partition, Optional<SharePartitionOffsetInfo> info)
            throws ExecutionException, InterruptedException {
        var known = info.flatMap(SharePartitionOffsetInfo::lag);
        if (known.isPresent()) {
            return known.get();
        }
        long start = info.map(SharePartitionOffsetInfo::startOffset).orElse(0L);
        var latest = Map.of(partition, OffsetSpec.latest());
        return admin.listOffsets(latest).partitionResult(partition).get().offset()
                - Math.max(0, start);
    }

    private String ofGroup(Admin admin, String role)
            throws ExecutionException, InterruptedException {
        var topics = connection.topics();
        var names =
                role.equals("planner")
                        ? List.of(topics.prompts())
                        : List.of(topics.prompts(), topics.candidates());
        Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
        names.forEach(
                topic ->
                        Stream.iterate(0, p -> p < topic.partitions(), p -> p + 1)
                                .map(p -> new TopicPartition(topic.name(), p))
                                .forEach(p -> partitions.put(p, OffsetSpec.latest())));
        var ends = admin.listOffsets(partitions).all().get();
        var offsets =
                admin.listConsumerGroupOffsets("mitune-" + role)
                        .partitionsToOffsetAndMetadata()
                        .get();
        var left = new StringBuilder();
        ends.forEach(
                (partition, end) -> {
                    var offset = offsets.get(partition);
                    long at = offset == null ? 0 : offset.offset();
                    if (at < end.offset()) {
                        left.append(
                                "%s: %s: %d of %d; ".formatted(role, partition, at, end.offset()));
                    }
                });
        return left.toString();
    }
}
