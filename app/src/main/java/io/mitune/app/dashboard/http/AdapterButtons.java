package io.mitune.app.dashboard.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.javalin.http.Context;
import io.mitune.app.adapter.AdapterRequest;
import io.mitune.app.dashboard.state.DashboardState;
import io.mitune.app.web.Json;
import io.mitune.app.web.Problem;
import io.mitune.app.web.WebException;
import io.mitune.schemas.Connection;
import io.mitune.streams.promotion.AdapterStatus;

/**
 * Writes what somebody asks for on the page: the same events as {@code adapters promote} and {@code
 * adapters rollback}, and like those only a wish, which the promotion role grants. Thread-safe.
 */
final class AdapterButtons {
    private static final int MAX_BODY = 1000;
    private static final int THE_ONE_BEFORE = -1;
    private static final String REASON = "asked for on the dashboard";

    private final Connection connection;
    private final DashboardState state;

    AdapterButtons(Connection connection, DashboardState state) {
        this.connection = connection;
        this.state = state;
    }

    void promote(Context ctx) {
        ask(ctx, 1, AdapterStatus.PROMOTE_REQUESTED);
    }

    void rollback(Context ctx) {
        ask(ctx, THE_ONE_BEFORE, AdapterStatus.ROLLBACK_REQUESTED);
    }

    private void ask(Context ctx, int least, String status) {
        var run = ctx.pathParam("run");
        var body = Json.read(ctx, MAX_BODY);
        var version = body.path("version");
        if (!version.canConvertToInt() || !version.isInt() || version.intValue() < least) {
            throw new WebException(
                    400,
                    Problem.of("/version", "a number from " + least, version.getNodeType().name()));
        }
        var wanted = version.intValue();
        if (!state.knows(run, Math.max(0, wanted))) {
            throw new WebException(
                    404,
                    Problem.of("version", "one of the versions of a known run", "no such version"));
        }
        AdapterRequest.send(connection, AdapterRequest.of(run, wanted, status, REASON));
        ctx.status(202);
        Json.send(ctx, JsonNodeFactory.instance.objectNode().put("asked", status));
    }
}
