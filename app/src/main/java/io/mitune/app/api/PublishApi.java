package io.mitune.app.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.mitune.app.web.Json;
import io.mitune.app.web.Problem;
import io.mitune.app.web.RateLimit;
import io.mitune.app.web.Routes;
import io.mitune.app.web.WebException;
import io.mitune.app.web.WebPart;
import io.mitune.producers.PromptPublisher;
import io.mitune.producers.PublishException;
import io.mitune.producers.PublishProgress;
import io.mitune.producers.PublishReport;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Identity;
import java.util.Optional;

/**
 * {@code POST /api/prompts}: publishing as a service, one request one batch.
 *
 * <p>Answers when the brokers have acknowledged every prompt. Sending a request again adds nothing:
 * ids follow from content, and with an {@link IdempotencyKey} a client need not know how. One
 * publication at a time, so that two do not pick the same round. Thread-safe.
 */
final class PublishApi implements WebPart {
    static final int MAX_BYTES = 1 << 20;

    private final PromptPublisher publisher;
    private final RateLimit limit;

    PublishApi(Connection connection, RateLimit limit) {
        publisher = new PromptPublisher(connection);
        this.limit = limit;
    }

    @Override
    public void register(Routes routes) {
        routes.serve(ApiDocument.route("publish"), this::publish);
    }

    private void publish(Context ctx) {
        limit.require(ctx);
        var json = Json.read(ctx, MAX_BYTES);
        var body = PublishBody.of(json);
        var key = IdempotencyKey.of(ctx, json);
        try {
            var report = publish(key.map(k -> body.named(k.batch())).orElse(body), key);
            ctx.header("Prompts-Added", Integer.toString(report.added()));
            ctx.status(201);
            Json.send(ctx, answer(report, body));
        } catch (PublishException e) {
            throw new WebException(e.isConflict() ? 409 : 503, Problem.line(e.getMessage()));
        }
    }

    private synchronized PublishReport publish(PublishBody body, Optional<IdempotencyKey> key) {
        key.flatMap(k -> publisher.batchStartingWith(k.prefix()).filter(b -> !b.equals(k.batch())))
                .ifPresent(
                        other -> {
                            throw new WebException(
                                    409,
                                    Problem.of(
                                            "Idempotency-Key",
                                            "the body that was first sent with it",
                                            "another body"));
                        });
        return publisher.publish(body.prompts(), body.settings(), PublishProgress.NONE);
    }

    private static ObjectNode answer(PublishReport report, PublishBody body) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("run", report.run());
        json.put("round", report.round());
        json.put("batch", report.batch());
        var ids = json.putArray("promptIds");
        var prompts = body.prompts().accepted();
        for (var i = 0; i < prompts.size(); i++) {
            ids.add(Identity.promptId(report.batch(), i, prompts.get(i).text()));
        }
        return json;
    }
}
