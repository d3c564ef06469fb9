package io.mitune.app.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.mitune.app.cli.ErrorLine;
import io.mitune.app.cli.UserError;
import java.io.IOException;
import java.util.Optional;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a failure becomes an answer: a line of JSON with its status, or a page with
 * that line for a person who came to an address that is none.
 *
 * <p>What is not the client's doing is logged here and told without details. Stateless.
 */
final class Failures {
    private static final Logger log = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    static void install(RoutesConfig routes) {
        routes.exception(MethodNotAllowedResponse.class, Failures::refuseMethod);
        routes.exception(HttpResponseException.class, (e, ctx) -> answer(ctx, problemsOf(e)));
        routes.exception(Exception.class, (e, ctx) -> answer(ctx, problemsOf(e)));
    }

    static WebException problemsOf(Exception e) {
        if (e instanceof WebException known) {
            return known;
        }
        if (e instanceof HttpResponseException http) {
            return new WebException(http.getStatus(), Problem.line(words(http)));
        }
        if (e instanceof RetriableException) { // the registry or a broker does not answer
            return new WebException(503, Problem.line(ErrorLine.of(e)));
        }
        if (e instanceof UserError) {
            return new WebException(400, Problem.line(ErrorLine.of(e)));
        }
        if (e instanceof IOException) {
            log.debug("connection lost", e);
            return new WebException(400, Problem.line("connection lost"));
        }
        log.error("request failed: {}", ErrorLine.of(e));
        log.debug("trace", e);
        return new WebException(
                500, Problem.line("the server failed; its log has one line about it"));
    }

    private static void refuseMethod(MethodNotAllowedResponse e, Context ctx) {
        var allowed = e.getDetails().get("availableMethods");
        ctx.header("Allow", allowed);
        var found = Problem.shown(ctx.req().getMethod());
        answer(ctx, new WebException(405, Problem.of("method", allowed, found)));
    }

    static void answer(Context ctx, WebException e) {
        ctx.status(e.status());
        if (isPerson(ctx)) {
            ctx.contentType("text/html; charset=utf-8")
                    .header("Cache-Control", "no-store")
                    .result(page(e.getMessage()));
        } else {
            Json.send(ctx, e.json());
        }
    }

    private static boolean isPerson(Context ctx) {
        var accept = Optional.ofNullable(ctx.header("Accept")).orElse("");
        return ctx.method() == HandlerType.GET
                && accept.contains("text/html")
                && !ctx.path().startsWith("/api/");
    }

    private static String page(String line) {
        return """
                <!doctype html>
                <html lang="en">
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>Not shown - MI-TUNE</title>
                <link rel="icon" href="data:,">
                <link rel="stylesheet" href="/login/style.css">
                <main>
                <h1>This cannot be shown</h1>
                <p role="alert">%s</p>
                </main>
                </html>
                """
                .formatted(Html.text(line));
    }

    private static String words(HttpResponseException e) {
        return switch (e.getStatus()) {
            case 404 -> "no such page";
            case 413 -> "the request is too large";
            default -> ErrorLine.clean(String.valueOf(e.getMessage()));
        };
    }
}
