package io.mitune.app.web;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.mitune.app.cli.ErrorLine;
import io.mitune.app.cli.UserError;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The web server that every page and API is a part of.
 *
 * <p>It holds what must be the same for all of them: who gets in ({@link Gatekeeper}), limits, the
 * headers by which browsers refuse what our pages do not do, and how failures are told ({@link
 * Failures}). Thread-safe.
 */
public final class WebServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WebServer.class);
    private static final int REQUEST_THREADS = 16;
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; form-action 'self'; base-uri 'none';"
                    + " frame-ancestors 'none'";

    /** Of every answer. */
    static final Map<String, String> HEADERS =
            Map.of(
                    "Content-Security-Policy", POLICY,
                    "X-Content-Type-Options", "nosniff",
                    "X-Frame-Options", "DENY",
                    "Referrer-Policy", "same-origin", // with none, forms have no Origin
                    "Cross-Origin-Resource-Policy", "same-origin",
                    "Cross-Origin-Opener-Policy", "same-origin");

    private final WebSettings settings;
    private final Javalin javalin;
    private final StreamGate gate;
    private final List<WebPart> parts;
    private final List<Routes.Route> routes;

    private WebServer(
            WebSettings settings,
            Javalin javalin,
            StreamGate gate,
            List<WebPart> parts,
            List<Routes.Route> routes) {
        this.settings = settings;
        this.javalin = javalin;
        this.gate = gate;
        this.parts = parts;
        this.routes = routes;
    }

    /** Starts it and returns when clients can connect; closing it closes the parts. */
    public static WebServer start(WebSettings settings, List<? extends WebPart> parts) {
        var check = settings.token().map(token -> new TokenCheck(token, Clock.systemUTC()));
        var gate = new StreamGate(settings.limits().maxStreams());
        var all = new ArrayList<WebPart>(parts);
        all.add(new LoginPart(check));
        var routes = new ArrayList<Routes.Route>();
        var javalin =
                Javalin.create(
                        config -> {
                            configure(config, settings);
                            guard(config, new Gatekeeper(settings, check));
                            var register = new Routes(config.routes, gate);
                            all.forEach(part -> part.register(register));
                            routes.addAll(register.all());
                        });
        try {
            javalin.start();
        } catch (RuntimeException e) {
            all.forEach(WebPart::close);
            throw new UserError(
                    "--%1$s-host %2$s --%1$s-port %3$d: expected a free port, found: %4$s"
                            .formatted(
                                    settings.kind(),
                                    settings.host(),
                                    settings.port(),
                                    ErrorLine.of(e)),
                    e);
        }
        return new WebServer(settings, javalin, gate, all, routes);
    }

    /** The port it listens at. */
    public int port() {
        return javalin.port();
    }

    /** Where a browser on this machine finds it, without a slash at the end. */
    public String url() {
        var host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
        return "http://" + host + ":" + port();
    }

    /** Clients that are connected for events at the moment. */
    public int eventClients() {
        return gate.connected();
    }

    /** Everything that it answers to. */
    public List<Routes.Route> routes() {
        return List.copyOf(routes);
    }

    /** Sends event clients away, lets requests end for some seconds, then closes the parts. */
    @Override
    public void close() {
        gate.close();
        javalin.stop();
        parts.forEach(WebPart::close);
    }

    private static void configure(JavalinConfig config, WebSettings settings) {
        var limits = settings.limits();
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.maxRequestSize = limits.maxBodyBytes();
        config.http.generateEtags = false;
        config.http.prefer405over404 = true;
        config.jetty.host = settings.host();
        config.jetty.port = settings.port();
        var threads = REQUEST_THREADS + limits.maxStreams();
        var pool = new QueuedThreadPool(threads, 4);
        pool.setName("http");
        pool.setDaemon(true);
        config.jetty.threadPool = pool;
        config.jetty.modifyServer(server -> limit(server, limits));
        config.jetty.modifyHttpConfiguration(
                http -> {
                    http.setSendServerVersion(false);
                    http.setSendDateHeader(false);
                    http.setIdleTimeout(limits.idle().toMillis());
                });
        config.requestLogger.http(WebServer::logAccess);
    }

    private static void limit(Server server, WebLimits limits) {
        server.setHandler(new GracefulHandler());
        server.setErrorHandler(new UnreadRequests());
        server.setStopTimeout(limits.end().toMillis());
        server.addBean(new NetworkConnectionLimit(limits.maxConnections(), server));
    }

    private static void guard(JavalinConfig config, Gatekeeper gatekeeper) {
        config.routes.before(WebServer::addHeaders);
        config.routes.before(gatekeeper::checkOrigin);
        config.routes.beforeMatched(gatekeeper::checkToken);
        Failures.install(config.routes);
    }

    private static void addHeaders(Context ctx) {
        HEADERS.forEach(ctx::header);
    }

    /** Without the query, which may hold what people look for. */
    private static void logAccess(Context ctx, Float millis) {
        if (log.isDebugEnabled()) {
            log.debug(
                    "{} {} {} ms",
                    whoAndWhat(
                            Optional.ofNullable(ctx.ip()).orElse("-"),
                            ctx.req().getMethod(),
                            ctx.path()),
                    ctx.statusCode(),
                    millis.longValue());
        }
    }

    /** Of the survey neither the address nor the page: together they tell who voted. */
    static String whoAndWhat(String ip, String method, String path) {
        return path.startsWith("/survey")
                ? "- " + method + " /survey"
                : ip + " " + method + " " + path;
    }
}
