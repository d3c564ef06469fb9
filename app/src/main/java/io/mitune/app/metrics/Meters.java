package io.mitune.app.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The meters of one process by their Prometheus names; what each means stands in {@link Catalogue}.
 *
 * <p>Tag values come from records, so their number is bounded: beyond it all are "other".
 * Thread-safe.
 */
final class Meters {
    private static final int MOST_VALUES = 200;
    private static final String OTHER = "other";

    private final MeterRegistry registry;
    private final Map<String, AtomicLong> gauges = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Boolean>> known = new ConcurrentHashMap<>();

    Meters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Adds to a counter. */
    void add(Catalogue what, double amount, String... tags) {
        Counter.builder(what.meter())
                .description(what.description())
                .tags(bounded(what, tags))
                .register(registry)
                .increment(amount);
    }

    /** Sets a gauge. */
    void set(Catalogue what, double value, String... tags) {
        var bounded = bounded(what, tags);
        var bits =
                gauges.computeIfAbsent(
                        what + bounded.toString(),
                        id -> {
                            var cell = new AtomicLong();
                            io.micrometer.core.instrument.Gauge.builder(
                                            what.meter(),
                                            cell,
                                            c -> Double.longBitsToDouble(c.get()))
                                    .description(what.description())
                                    .tags(bounded)
                                    .strongReference(true)
                                    .register(registry);
                            return cell;
                        });
        bits.set(Double.doubleToLongBits(value));
    }

    private Tags bounded(Catalogue what, String... tags) {
        var all = Tags.empty();
        for (int i = 0; i < tags.length; i += 2) {
            var values =
                    known.computeIfAbsent(what + "/" + tags[i], name -> new ConcurrentHashMap<>());
            boolean fits = values.containsKey(tags[i + 1]) || values.size() < MOST_VALUES;
            if (fits) {
                values.put(tags[i + 1], true);
            }
            all = all.and(tags[i], fits ? tags[i + 1] : OTHER);
        }
        return all;
    }
}
