package io.mitune.app.api;

import io.javalin.http.Context;
import io.mitune.app.web.Problem;
import io.mitune.app.web.WebException;

/** Parameters of a URL. Stateless. */
final class Query {
    private Query() {}

    static boolean flag(Context ctx, String name, boolean otherwise) {
        var text = ctx.queryParam(name);
        if (text == null) {
            return otherwise;
        }
        return switch (text) {
            case "", "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw wrong(name, "true or false", text);
        };
    }

    static long number(Context ctx, String name, long min, long max, long otherwise) {
        var text = ctx.queryParam(name);
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        if (text.matches("\\d{1,18}")) {
            var value = Long.parseLong(text);
            if (value >= min && value <= max) {
                return value;
            }
        }
        var range = max == Long.MAX_VALUE ? min + " or more" : min + " to " + max;
        throw wrong(name, range, text);
    }

    private static WebException wrong(String name, String expected, String found) {
        return new WebException(400, Problem.of(name, expected, Problem.shown(found)));
    }
}
