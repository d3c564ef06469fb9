package io.mitune.app.metrics;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.mitune.schemas.Connection;
import io.mitune.streams.StreamsApp;
import io.mitune.workers.TrainerListener;
import io.mitune.workers.WorkerListener;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Metrics and health of one process: roles report here, monitoring reads here.
 *
 * <p>Thread-safe, but for {@link #close}.
 */
public final class RoleMetrics implements AutoCloseable {
    private static final double NANOS = 1e9;

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Meters meters = new Meters(registry);
    private final Health health = new Health();
    private final Deque<Runnable> parts = new ArrayDeque<>();
    private final MultiGauge ready =
            MultiGauge.builder(Catalogue.READY.meter())
                    .description(Catalogue.READY.description())
                    .register(registry);

    /** Begins with what the JVM says of itself. */
    public RoleMetrics() {
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
        var garbage = new JvmGcMetrics();
        parts.push(garbage::close);
        garbage.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        processors();
    }

    /** Their time in seconds, as Prometheus' own clients count it, where Micrometer says ns. */
    private void processors() {
        new ProcessorMetrics().bindTo(registry);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            FunctionCounter.builder(
                            "process.cpu.seconds", system, s -> s.getProcessCpuTime() / NANOS)
                    .description("Seconds of processor time that the process has used")
                    .register(registry);
        }
    }

    public Health health() {
        return health;
    }

    /** A listener that counts and passes on. */
    public WorkerListener worker(WorkerListener next) {
        return new WorkerMetrics(meters, health, next);
    }

    /** A listener that counts and passes on. */
    public TrainerListener trainer(TrainerListener next) {
        return new TrainerMetrics(meters, next);
    }

    /** Watches a topology, its health too. */
    public void topology(String name, StreamsApp app) {
        health.part(name, app::isRunning);
        app.ended()
                .whenComplete(
                        (nothing, error) -> {
                            if (error != null) {
                                health.broken(error);
                            }
                        });
        new TopologyMetrics(registry, meters).watch(name, app);
    }

    /** Follows lags and results of the whole stream, which no role sees in its own process. */
    public void stream(Connection connection) {
        var following = new StreamMetrics(connection, meters);
        parts.push(following::close);
    }

    /** All metrics in Prometheus' text form. */
    public String scrape() {
        ready.register(
                health.ready().entrySet().stream()
                        .map(p -> Row.of(Tags.of("part", p.getKey()), p.getValue() ? 1 : 0))
                        .toList(),
                true);
        return registry.scrape();
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            parts.pop().run();
        }
        registry.close();
    }
}
