package io.mitune.app.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.router.Endpoint;
import io.javalin.security.Roles;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Where parts put their routes. Paths are Javalin's: {@code /api/prompts/{id}}. Belongs to the
 * thread that starts the server.
 */
public final class Routes {
    /** A registered route, for the check of the API's description. */
    public record Route(String method, String path, Access access) {}

    /**
     * A route that is declared elsewhere, with its description.
     *
     * @param parameters those of the query that it understands; all others are refused
     */
    public record Described(Route route, Set<String> parameters) {
        public Described {
            parameters = Collections.unmodifiableSet(new LinkedHashSet<>(parameters));
        }
    }

    private static final int MAX_FAULTS = 10;

    private final RoutesConfig javalin;
    private final StreamGate gate;
    private final List<Route> all = new ArrayList<>();

    Routes(RoutesConfig javalin, StreamGate gate) {
        this.javalin = javalin;
        this.gate = gate;
    }

    /** A route with a description. */
    public void serve(Described described, Handler handler) {
        var route = described.route();
        add(
                method(route),
                route.path(),
                route.access(),
                ctx -> {
                    checkQuery(ctx, described.parameters());
                    handler.handle(ctx);
                });
    }

    /** The same, keeping its client connected. */
    public void stream(Described described, StreamHandler handler) {
        serve(described, ctx -> gate.admit(ctx, handler));
    }

    /** A route that reads. */
    public void get(String path, Access access, Handler handler) {
        add(HandlerType.GET, path, access, handler);
    }

    /** A route that changes something; only own pages and programs get through to it. */
    public void post(String path, Access access, Handler handler) {
        add(HandlerType.POST, path, access, handler);
    }

    /** A route that keeps its client connected and sends events. */
    public void stream(String path, Access access, StreamHandler handler) {
        get(path, access, ctx -> gate.admit(ctx, handler));
    }

    /**
     * Files of the class path below a URL.
     *
     * @param url such as {@code /assets}; a file is then {@code /assets/NAME}
     * @param folder on the class path, such as {@code io/mitune/app/dashboard}
     */
    public void files(String url, String folder, Access access) {
        var files = new StaticFiles(folder);
        get(url + "/<file>", access, ctx -> files.serve(ctx, ctx.pathParam("file")));
    }

    /** One file of the class path, usually a page. */
    public void page(String url, String folder, String file, Access access) {
        var files = new StaticFiles(folder);
        get(url, access, ctx -> files.serve(ctx, file));
    }

    /** What was registered so far. */
    public List<Route> all() {
        return List.copyOf(all);
    }

    /** Whether something is served at this path. */
    public boolean has(String path) {
        return all.stream().anyMatch(route -> route.path().equals(path));
    }

    /** A parameter that is misspelt or said twice would give an answer to another question. */
    private static void checkQuery(Context ctx, Set<String> known) {
        var problems = new ArrayList<Problem>();
        for (var parameter : ctx.queryParamMap().entrySet()) {
            var times = parameter.getValue().size();
            if (!known.contains(parameter.getKey())) {
                var names = known.isEmpty() ? "no parameter" : "one of " + String.join(", ", known);
                problems.add(Problem.of("query", names, Problem.shown(parameter.getKey())));
            } else if (times > 1) {
                problems.add(Problem.of(parameter.getKey(), "it once", times + " times"));
            }
        }
        if (!problems.isEmpty()) {
            throw new WebException(400, problems.subList(0, Math.min(MAX_FAULTS, problems.size())));
        }
    }

    private static HandlerType method(Route route) {
        return switch (route.method()) {
            case "GET" -> HandlerType.GET;
            case "POST" -> HandlerType.POST;
            default -> throw new IllegalArgumentException(route + ": expected GET or POST");
        };
    }

    private void add(HandlerType method, String path, Access access, Handler handler) {
        all.add(new Route(method.name(), path, access));
        var roles = new Roles(Set.of(access));
        javalin.addEndpoint(new Endpoint(method, path, handler, Set.of(roles)));
    }
}
