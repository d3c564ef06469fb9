package io.mitune.app.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.mitune.streams.StreamsApp;
import java.util.List;

/**
 * What Kafka Streams measures anyway, in few lines: KIP-846's records by topic, summed over tasks.
 * Stateless but for the registry.
 */
final class TopologyMetrics {
    private static final String BY_TOPIC = "stream-topic-metrics";
    private static final List<String> DIRECTIONS = List.of("consumed", "produced");

    private final MeterRegistry registry;
    private final Meters meters;

    TopologyMetrics(MeterRegistry registry, Meters meters) {
        this.registry = registry;
        this.meters = meters;
    }

    void watch(String topology, StreamsApp app) {
        Gauge.builder(Catalogue.TOPOLOGY_UP.meter(), app, a -> a.isRunning() ? 1 : 0)
                .description(Catalogue.TOPOLOGY_UP.description())
                .tag("topology", topology)
                .register(registry);
        for (var topic : app.topics()) {
            for (var direction : DIRECTIONS) {
                FunctionCounter.builder(
                                Catalogue.TOPOLOGY_RECORDS.meter(),
                                app,
                                a -> records(a, topic, direction))
                        .description(Catalogue.TOPOLOGY_RECORDS.description())
                        .tags("topology", topology, "topic", topic, "direction", direction)
                        .register(registry);
            }
        }
        if (topology.equals("curator")) {
            FunctionCounter.builder(
                            Catalogue.LATE_CANDIDATES.meter(),
                            app,
                            a -> a.sum(m -> m.name().equals("late-candidates-total")))
                    .description(Catalogue.LATE_CANDIDATES.description())
                    .register(registry);
        }
    }

    private static double records(StreamsApp app, String topic, String direction) {
        var name = "records-" + direction + "-total";
        return app.sum(
                metric ->
                        metric.group().equals(BY_TOPIC)
                                && metric.name().equals(name)
                                && topic.equals(metric.tags().get("topic")));
    }
}
