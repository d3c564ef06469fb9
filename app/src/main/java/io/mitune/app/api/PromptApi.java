package io.mitune.app.api;

import io.javalin.http.Context;
import io.mitune.app.cli.UserError;
import io.mitune.app.web.Json;
import io.mitune.app.web.Problem;
import io.mitune.app.web.Routes;
import io.mitune.app.web.WebException;
import io.mitune.app.web.WebPart;
import io.mitune.schemas.Connection;
import java.util.Optional;

/** {@code GET /api/prompts/ID}: how far a prompt is. Thread-safe. */
final class PromptApi implements WebPart {
    private final PromptReader reader;

    PromptApi(Connection connection) {
        reader = new PromptReader(connection);
    }

    @Override
    public void register(Routes routes) {
        routes.serve(ApiDocument.route("prompt"), this::show);
    }

    private void show(Context ctx) {
        var id = ctx.pathParam("id");
        if (!id.matches("[0-9a-f]{32}")) {
            throw new WebException(404, Problem.of("promptId", "32 hex digits", "another text"));
        }
        var run = Optional.ofNullable(ctx.queryParam("run")).filter(name -> !name.isEmpty());
        var state = read(id, run);
        if (!state.isKnown()) {
            var wanted = run.map(name -> "it in run " + Problem.shown(name));
            throw new WebException(
                    404, Problem.of("prompt " + id, wanted.orElse("it in the topic"), "none"));
        }
        Json.send(ctx, state.json());
    }

    private PromptState read(String id, Optional<String> run) {
        try {
            return reader.read(id, run);
        } catch (UserError e) {
            throw new WebException(503, Problem.line(e.getMessage()));
        }
    }
}
