package io.mitune.app.web;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Decides who gets in.
 *
 * <p>Three questions. Is the request addressed to this server by a name that is its own? A page
 * whose name an attacker's DNS points here (rebinding) is not. Does a request that changes
 * something come from one of our pages or a program, and not from another site's page in the user's
 * browser? And does it show the token, where the route needs one? Thread-safe.
 */
final class Gatekeeper {
    static final String COOKIE = "mitune_session";
    private static final Set<String> READING = Set.of("GET", "HEAD");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final WebSettings settings;
    private final Optional<TokenCheck> check;

    Gatekeeper(WebSettings settings, Optional<TokenCheck> check) {
        this.settings = settings;
        this.check = check;
    }

    /** Every request, also for pages that do not exist. */
    void checkOrigin(Context ctx) {
        var host = Optional.ofNullable(ctx.header("Host")).orElse("");
        if (!isOwnName(nameOf(host))) {
            var problem = Problem.of("Host", "a name of this server", Problem.shown(host));
            throw new WebException(
                    421,
                    settings.hostOption()
                            .map(option -> problem.withHint(option + " NAME adds one"))
                            .orElse(problem.withHint("such as localhost or 127.0.0.1")));
        }
        if (!READING.contains(ctx.req().getMethod()) && !isFromHere(ctx, host)) {
            throw new WebException(
                    403,
                    Problem.of(
                            "Origin",
                            "a page of this server",
                            Problem.shown(String.valueOf(ctx.header("Origin")))));
        }
    }

    /** Requests that some route answers. */
    void checkToken(Context ctx) {
        if (check.isEmpty() || ctx.routeRoles().contains(Access.PUBLIC) || shows(ctx)) {
            return;
        }
        var isPage =
                ctx.req().getMethod().equals("GET")
                        && String.valueOf(ctx.header("Accept")).contains("text/html");
        if (isPage) {
            ctx.redirect(
                    "/login?next=" + URLEncoder.encode(ctx.path(), StandardCharsets.UTF_8),
                    HttpStatus.SEE_OTHER);
            ctx.skipRemainingHandlers();
            return;
        }
        ctx.header("WWW-Authenticate", "Bearer");
        throw new WebException(
                401,
                Problem.of("Authorization", "Bearer and the server's token", "none that fits")
                        .withHint("in a browser, open /login"));
    }

    private boolean shows(Context ctx) {
        var authorization = Optional.ofNullable(ctx.header("Authorization"));
        if (authorization.isPresent()) {
            var words = authorization.get().split(" +", 2);
            return words.length == 2
                    && words[0].equalsIgnoreCase("bearer")
                    && check.get().isToken(words[1].strip());
        }
        return Optional.ofNullable(ctx.cookie(COOKIE)).filter(check.get()::isSession).isPresent();
    }

    private boolean isOwnName(String name) {
        if (settings.allowedHosts().contains(name)) {
            return true;
        }
        return settings.isLoopback() ? LOOPBACK.contains(name) : settings.allowedHosts().isEmpty();
    }

    /** Browsers say where a request comes from; what says nothing is a program. */
    private static boolean isFromHere(Context ctx, String host) {
        var origin = ctx.header("Origin");
        if (origin != null) {
            return host.equalsIgnoreCase(authority(origin));
        }
        var site = ctx.header("Sec-Fetch-Site");
        return site == null || site.equals("same-origin") || site.equals("none");
    }

    private static String authority(String origin) {
        try {
            return String.valueOf(URI.create(origin).getRawAuthority());
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String nameOf(String host) {
        return host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
    }
}
