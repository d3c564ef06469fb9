package io.mitune.app.dashboard.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.javalin.http.Context;
import io.mitune.app.adapter.AdapterRequest;
import io.mitune.app.api.BodyFields;
import io.mitune.app.dashboard.state.DashboardState;
import io.mitune.app.web.Json;
import io.mitune.app.web.Problem;
import io.mitune.app.web.WebException;
import io.mitune.schemas.Connection;
import io.mitune.streams.promotion.AdapterStatus;
import java.util.ArrayList;

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
        var wanted = version(Json.read(ctx, MAX_BODY), least);
        if (!state.knows(run, Math.max(0, wanted))) {
            throw new WebException(
                    404,
                    Problem.of(
                            "version",
                            "one of the versions of a known run",
                            "version " + wanted + " of run " + Problem.shown(run)));
        }
        AdapterRequest.send(connection, AdapterRequest.of(run, wanted, status, REASON));
        ctx.status(202);
        Json.send(ctx, JsonNodeFactory.instance.objectNode().put("asked", status));
    }

    private static int version(JsonNode body, int least) {
        var problems = new ArrayList<Problem>();
        var fields = new BodyFields(body, "", problems);
        if (problems.isEmpty() && fields.find("version").isEmpty()) {
            fields.fault("version", "a whole number from " + least, "nothing");
        }
        var version = fields.number("version", least, Integer.MAX_VALUE, least);
        fields.refuseOthers();
        if (!problems.isEmpty()) {
            throw new WebException(400, problems);
        }
        return (int) version;
    }
}
