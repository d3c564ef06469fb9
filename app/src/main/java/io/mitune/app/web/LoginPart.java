package io.mitune.app.web;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.HttpStatus;
import io.javalin.http.SameSite;
import java.util.Optional;

/**
 * The page where a person shows the token once and gets a session cookie: not readable by scripts,
 * never sent along from other sites. Thread-safe.
 */
final class LoginPart implements WebPart {
    private static final String FOLDER = "io/mitune/app/web";
    private static final int MAX_TOKEN = 4096;

    private final Optional<TokenCheck> check;
    private final RateLimit tries =
            new RateLimit(new RateLimit.Rate(5, 0.2), new RateLimit.Rate(50, 2));

    LoginPart(Optional<TokenCheck> check) {
        this.check = check;
    }

    @Override
    public void register(Routes routes) {
        routes.page("/login", FOLDER, "login.html", Access.PUBLIC);
        routes.page("/login/style.css", FOLDER, "login.css", Access.PUBLIC);
        routes.post("/login", Access.PUBLIC, this::login);
        routes.post("/logout", Access.PUBLIC, this::logout);
    }

    private void login(Context ctx) {
        tries.require(ctx);
        var shown = Optional.ofNullable(ctx.formParam("token")).orElse("").strip();
        if (check.isPresent() && (shown.length() > MAX_TOKEN || !check.get().isToken(shown))) {
            ctx.redirect("/login?next=" + next(ctx) + "#wrong", HttpStatus.SEE_OTHER);
            return;
        }
        check.ifPresent(
                c -> ctx.cookie(cookie(ctx, c.newSession(), TokenCheck.SESSION.toSeconds())));
        ctx.redirect(next(ctx), HttpStatus.SEE_OTHER);
    }

    private void logout(Context ctx) {
        ctx.cookie(cookie(ctx, "", 0));
        ctx.redirect("/login", HttpStatus.SEE_OTHER);
    }

    /** The page that was asked for before, if it is one of ours. */
    private static String next(Context ctx) {
        return Optional.ofNullable(ctx.queryParam("next"))
                .filter(path -> path.matches("/(?:[A-Za-z0-9._~-][A-Za-z0-9._~/-]*)?"))
                .orElse("/");
    }

    private static Cookie cookie(Context ctx, String value, long seconds) {
        var isHttps =
                ctx.scheme().equals("https") || "https".equals(ctx.header("X-Forwarded-Proto"));
        return new Cookie(
                Gatekeeper.COOKIE, value, "/", (int) seconds, isHttps, true, null, SameSite.STRICT);
    }
}
