package io.mitune.app.lag;

import io.mitune.schemas.ClientNames;
import io.mitune.schemas.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the brokers now and then how far each group of the stream is behind.
 *
 * <p>Any kind of group whose name begins as this stream's do: roles that come later are shown
 * without a change here. Where the user may not ask, there are no figures and one line in the log.
 * Thread-safe; close it.
 */
public final class GroupPoll implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GroupPoll.class);
    private static final int EVERY_SECONDS = 3;
    private static final long PATIENCE_SECONDS = 10;

    /**
     * Where a group is in a partition.
     *
     * @param lag where the broker knows it: a share group's records are not done in their order
     */
    private record Position(long next, Optional<Long> lag) {
        static Position of(SharePartitionOffsetInfo info) {
            return info == null
                    ? new Position(0, Optional.empty())
                    : new Position(info.startOffset(), info.lag());
        }

        static Position of(OffsetAndMetadata info) {
            return new Position(info == null ? 0 : info.offset(), Optional.empty());
        }

        long behind(long end) {
            return Math.max(0, lag.orElse(end - next));
        }
    }

    private final Connection connection;
    private final Map<String, String> shortNames;
    private final String prefix;
    private final String streamsPrefix;
    private final Consumer<List<GroupLag>> listener;
    private final Admin admin;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(GroupPoll::thread);
    private boolean failed;

    /** Starts asking. */
    public GroupPoll(Connection connection, Consumer<List<GroupLag>> listener) {
        this.connection = connection;
        this.listener = listener;
        shortNames = connection.topics().shortNames();
        prefix = connection.topics().prefix();
        streamsPrefix = new ClientNames(prefix).streams("");
        admin = Admin.create(connection.adminProperties());
        timer.scheduleWithFixedDelay(this::ask, 0, EVERY_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        admin.close(Duration.ofSeconds(1));
    }

    private void ask() {
        try {
            listener.accept(lags());
            failed = false;
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            if (!failed) {
                log.warn(
                        "groups of {}: no figures: {}",
                        connection.bootstrapServers(),
                        e.toString());
            }
            failed = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<GroupLag> lags()
            throws ExecutionException, InterruptedException, TimeoutException {
        var next = new HashMap<String, Map<TopicPartition, Position>>();
        for (var group : get(admin.listGroups().all())) {
            if (ours(group.groupId())) {
                next.put(group.groupId(), offsets(group));
            }
        }
        var wanted = new HashSet<TopicPartition>();
        next.values().forEach(offsets -> wanted.addAll(offsets.keySet()));
        var ends = ends(wanted);
        var lags = new ArrayList<GroupLag>();
        next.forEach((group, offsets) -> lags.addAll(lags(group, offsets, ends)));
        lags.sort(Comparator.comparing(GroupLag::group).thenComparing(GroupLag::topic));
        return lags;
    }

    /** The next offset of each partition of our topics that this group reads. */
    private Map<TopicPartition, Position> offsets(GroupListing group)
            throws ExecutionException, InterruptedException, TimeoutException {
        var id = group.groupId();
        var offsets = new HashMap<TopicPartition, Position>();
        if (group.type().filter(GroupType.SHARE::equals).isPresent()) {
            var spec = Map.of(id, new ListShareGroupOffsetsSpec());
            get(admin.listShareGroupOffsets(spec).partitionsToOffsetInfo(id))
                    .forEach((p, info) -> put(offsets, p, Position.of(info)));
        } else {
            var spec = Map.of(id, new ListConsumerGroupOffsetsSpec());
            get(admin.listConsumerGroupOffsets(spec).partitionsToOffsetAndMetadata(id))
                    .forEach((p, info) -> put(offsets, p, Position.of(info)));
        }
        return offsets;
    }

    private void put(
            Map<TopicPartition, Position> offsets, TopicPartition partition, Position next) {
        if (shortNames.containsKey(partition.topic())) {
            offsets.put(partition, next);
        }
    }

    private Map<TopicPartition, Long> ends(Set<TopicPartition> partitions)
            throws ExecutionException, InterruptedException, TimeoutException {
        var latest = new HashMap<TopicPartition, OffsetSpec>();
        partitions.forEach(p -> latest.put(p, OffsetSpec.latest()));
        var options = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
        var ends = new HashMap<TopicPartition, Long>();
        get(admin.listOffsets(latest, options).all()).forEach((p, i) -> ends.put(p, i.offset()));
        return ends;
    }

    private List<GroupLag> lags(
            String group, Map<TopicPartition, Position> offsets, Map<TopicPartition, Long> ends) {
        var byTopic = new HashMap<String, Long>();
        offsets.forEach((p, next) -> byTopic.merge(p.topic(), next.behind(ends.get(p)), Long::sum));
        return byTopic.entrySet().stream()
                .map(e -> new GroupLag(shortName(group), shortNames.get(e.getKey()), e.getValue()))
                .toList();
    }

    private boolean ours(String group) {
        return group.startsWith(prefix) || group.startsWith(streamsPrefix);
    }

    private String shortName(String group) {
        return group.substring((group.startsWith(prefix) ? prefix : streamsPrefix).length());
    }

    private static <T> T get(KafkaFuture<T> future)
            throws ExecutionException, InterruptedException, TimeoutException {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static Thread thread(Runnable work) {
        var thread = new Thread(work, "group-lag");
        thread.setDaemon(true);
        return thread;
    }
}
