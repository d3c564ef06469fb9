package io.mitune.app.web;

import io.javalin.http.Context;
import io.mitune.schemas.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Files of one class path folder, with their sha256 as ETag: a browser asks again each time and
 * gets 304, so that a new version shows at once. Thread-safe.
 */
final class StaticFiles {
    private static final Map<String, String> TYPES =
            Map.of(
                    "html", "text/html; charset=utf-8",
                    "css", "text/css; charset=utf-8",
                    "js", "text/javascript; charset=utf-8",
                    "json", "application/json; charset=utf-8",
                    "svg", "image/svg+xml",
                    "png", "image/png",
                    "webp", "image/webp",
                    "woff2", "font/woff2");

    private record Loaded(byte[] bytes, String etag) {}

    private final String folder;
    private final Map<String, Loaded> cache = new ConcurrentHashMap<>();

    StaticFiles(String folder) {
        this.folder = folder;
    }

    void serve(Context ctx, String file) {
        var type = TYPES.get(file.substring(file.lastIndexOf('.') + 1));
        var found = type == null ? Optional.<Loaded>empty() : find(file);
        if (found.isEmpty()) {
            throw new WebException(404, Problem.line("no such page"));
        }
        var loaded = found.get();
        ctx.header("Cache-Control", "no-cache").header("ETag", loaded.etag());
        if (String.valueOf(ctx.header("If-None-Match")).contains(loaded.etag())) {
            ctx.status(304);
        } else {
            ctx.contentType(type).result(loaded.bytes());
        }
    }

    /** Plain names only: no way leads out of the folder. */
    private Optional<Loaded> find(String file) {
        if (!file.matches("[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*")) {
            return Optional.empty();
        }
        var known = cache.get(file);
        if (known != null) {
            return Optional.of(known);
        }
        try (var in = StaticFiles.class.getResourceAsStream("/" + folder + "/" + file)) {
            if (in == null) {
                return Optional.empty();
            }
            var bytes = in.readAllBytes();
            var loaded = new Loaded(bytes, '"' + Identity.sha256(bytes).substring(0, 32) + '"');
            cache.put(file, loaded);
            return Optional.of(loaded);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
