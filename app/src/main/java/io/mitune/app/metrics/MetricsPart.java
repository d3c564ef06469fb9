package io.mitune.app.metrics;

import io.javalin.http.Context;
import io.mitune.app.web.Access;
import io.mitune.app.web.Routes;
import io.mitune.app.web.WebPart;
import java.util.TreeMap;

/**
 * What monitoring asks for: {@code /metrics} in Prometheus' text form, {@code /healthz} and {@code
 * /readyz} with 200 or 503.
 *
 * <p>Probes need no token, since orchestrators do not send one and learn no more than a word.
 */
public final class MetricsPart implements WebPart {
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final int UNAVAILABLE = 503;

    private final RoleMetrics metrics;

    /** The metrics of this process. */
    public MetricsPart(RoleMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void register(Routes routes) {
        routes.get(
                "/metrics",
                Access.TOKEN,
                ctx -> ctx.contentType(PROMETHEUS).result(metrics.scrape()));
        routes.get("/healthz", Access.PUBLIC, this::alive);
        routes.get("/readyz", Access.PUBLIC, this::ready);
    }

    private void alive(Context ctx) {
        boolean alive = metrics.health().failure().isEmpty();
        ctx.status(alive ? 200 : UNAVAILABLE).result(alive ? "alive\n" : "broken\n");
    }

    private void ready(Context ctx) {
        var parts = new TreeMap<>(metrics.health().ready());
        var lines = new StringBuilder();
        parts.forEach(
                (name, ok) -> lines.append(ok ? "ready " : "waits ").append(name).append('\n'));
        ctx.status(metrics.health().isReady() ? 200 : UNAVAILABLE).result(lines.toString());
    }
}
