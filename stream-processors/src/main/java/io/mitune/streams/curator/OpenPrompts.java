package io.mitune.streams.curator;

import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.metrics.stats.Value;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Measures how many prompts of a stream task are open and how many it closed, as metrics of Kafka
 * Streams: {@code open-prompts} and {@code closed-prompts-total}.
 *
 * <p>Counted once when the task begins and then kept up, so that looking costs nothing. Belongs to
 * one thread.
 */
final class OpenPrompts {
    private static final String GROUP = "stream-curator-metrics";

    private final ProcessorContext<?, ?> context;
    private final Sensor open;
    private final Sensor closed;
    private long count;

    /** Counts what is in the store of boards. */
    OpenPrompts(ProcessorContext<?, ?> context, KeyValueStore<String, Board> boards) {
        this.context = context;
        var task = context.taskId().toString();
        var metrics = context.metrics();
        open = metrics.addSensor("open-prompts-" + task, Sensor.RecordingLevel.INFO);
        open.add(
                new MetricName(
                        "open-prompts", GROUP, "Prompts not closed yet.", Map.of("task-id", task)),
                new Value());
        closed =
                metrics.addRateTotalSensor(
                        "curator", task, "closed-prompts", Sensor.RecordingLevel.INFO);
        try (var all = boards.all()) {
            for (; all.hasNext(); all.next()) {
                count++;
            }
        }
        open.record(count);
    }

    void opened() {
        open.record(++count);
    }

    void closed() {
        count = Math.max(0, count - 1);
        open.record(count);
        closed.record();
    }

    /** The task goes to another thread or process. */
    void close() {
        context.metrics().removeSensor(open);
        context.metrics().removeSensor(closed);
    }
}
