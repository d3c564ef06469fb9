package io.mitune.app.api;

import io.javalin.http.Context;
import io.mitune.app.log.StartAt;
import io.mitune.app.web.Problem;
import io.mitune.app.web.WebException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Event ids of a tap: {@code 0:17,1:4}, the offset that each partition goes on with. Stateless. */
final class Resume {
    private Resume() {}

    static String id(Map<Integer, Long> next) {
        return next.entrySet().stream()
                .map(e -> e.getKey() + ":" + e.getValue())
                .collect(Collectors.joining(","));
    }

    /** Where a client that comes back wants to go on. */
    static Optional<StartAt> of(Context ctx) {
        return Optional.ofNullable(ctx.header("Last-Event-ID"))
                .or(() -> Optional.ofNullable(ctx.queryParam("lastEventId")))
                .filter(id -> !id.isEmpty())
                .map(Resume::parse);
    }

    static StartAt parse(String id) {
        if (id.length() > 2000 || !id.matches("\\d{1,5}:\\d{1,18}(,\\d{1,5}:\\d{1,18})*")) {
            throw new WebException(
                    400,
                    Problem.of("Last-Event-ID", "the id of an event of this tap", "another text"));
        }
        var next = new TreeMap<Integer, Long>();
        for (var pair : id.split(",")) {
            var parts = pair.split(":");
            next.put(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
        }
        return new StartAt.Offsets(next);
    }
}
