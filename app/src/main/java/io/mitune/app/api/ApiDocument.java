package io.mitune.app.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.mitune.app.web.Access;
import io.mitune.app.web.Json;
import io.mitune.app.web.Routes;
import io.mitune.app.web.Routes.Described;
import io.mitune.app.web.Routes.Route;
import io.mitune.app.web.WebPart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The description of everything under {@code /api}, {@code openapi.json}, where its routes are
 * declared, too.
 *
 * <p>A part has a handler for an operation; method, path, access and query come from here, so
 * nothing can be served that is not described. Immutable.
 */
public final class ApiDocument {
    private static final String FILE = "openapi.json";
    private static final JsonNode ALL = read();
    private static final Map<String, Described> ROUTES = routes();

    private ApiDocument() {}

    /** The route of an operation, and the query parameters that its description has. */
    public static Described route(String operationId) {
        return Optional.ofNullable(ROUTES.get(operationId))
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        FILE + ": expected operation " + operationId));
    }

    /** Serves the description, of what its server serves. */
    public static WebPart part() {
        return routes -> routes.serve(route("description"), ctx -> send(ctx, routes));
    }

    private static void send(Context ctx, Routes served) {
        ObjectNode document = ALL.deepCopy();
        document.path("paths").properties().removeIf(path -> !served.has(path.getKey()));
        Json.send(ctx, document);
    }

    private static Map<String, Described> routes() {
        var routes = new HashMap<String, Described>();
        for (var path : ALL.path("paths").properties()) {
            for (var method : path.getValue().properties()) {
                var operation = method.getValue();
                var open = operation.has("security") && operation.get("security").isEmpty();
                var route =
                        new Route(
                                method.getKey().toUpperCase(Locale.ROOT),
                                path.getKey(),
                                open ? Access.PUBLIC : Access.TOKEN);
                routes.put(
                        operation.path("operationId").asText(),
                        new Described(route, queryOf(operation)));
            }
        }
        return routes;
    }

    private static Set<String> queryOf(JsonNode operation) {
        var names = new LinkedHashSet<String>();
        for (var parameter : operation.path("parameters")) {
            if (parameter.path("in").asText().equals("query")) {
                names.add(parameter.path("name").asText());
            }
        }
        return names;
    }

    private static JsonNode read() {
        try (var in = ApiDocument.class.getResourceAsStream(FILE)) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(FILE, e);
        }
    }
}
