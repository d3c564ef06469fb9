package io.mitune.app.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.javalin.http.Context;
import io.mitune.app.cli.UserError;
import io.mitune.app.log.StartAt;
import io.mitune.app.log.TopicLog;
import io.mitune.app.tap.Filter;
import io.mitune.app.tap.FilterException;
import io.mitune.app.tap.TapRecords;
import io.mitune.app.tap.TopicNames;
import io.mitune.app.web.LiveStream;
import io.mitune.app.web.Problem;
import io.mitune.app.web.Routes;
import io.mitune.app.web.StreamHandler;
import io.mitune.app.web.WebException;
import io.mitune.app.web.WebPart;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code GET /api/tap/TOPIC}: what {@code mitune tap} prints, as events.
 *
 * <p>Each client has a plain consumer of committed records, without a group, and is read for only
 * as fast as it reads. The id of an event says where each partition goes on, so that a client that
 * comes back gets every record once. Thread-safe.
 */
final class TapApi implements WebPart {
    private final Connection connection;

    TapApi(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void register(Routes routes) {
        routes.stream(ApiDocument.route("tap"), this::open);
    }

    private StreamHandler.Feed open(Context ctx) {
        var records = new TapRecords(connection, topic(ctx.pathParam("topic")));
        var now = Instant.now();
        var follow = Query.flag(ctx, "follow", false);
        var filter = filter(ctx, records, now);
        var max = Query.number(ctx, "max", 1, Long.MAX_VALUE, Long.MAX_VALUE);
        var start = Resume.of(ctx).orElseGet(() -> start(ctx, follow, now));
        try {
            var log = new TopicLog(connection, records.topic(), start, follow);
            return new TapFeed(log, records, filter, max);
        } catch (IllegalArgumentException e) {
            throw new WebException(400, Problem.line(e.getMessage()));
        } catch (UserError e) {
            throw new WebException(503, Problem.line(e.getMessage()));
        }
    }

    private Topic<?> topic(String name) {
        try {
            return TopicNames.find(connection.topics(), name);
        } catch (UserError e) {
            throw new WebException(404, Problem.line(e.getMessage()));
        }
    }

    private static StartAt start(Context ctx, boolean follow, Instant now) {
        var from = Optional.ofNullable(ctx.queryParam("from")).filter(text -> !text.isEmpty());
        return StartAt.parse("from", from.orElse(follow ? "latest" : "beginning"), now);
    }

    private static Filter filter(Context ctx, TapRecords records, Instant now) {
        try {
            var text = Optional.ofNullable(ctx.queryParam("filter")).orElse("");
            return records.filter(text, now);
        } catch (FilterException e) {
            throw new WebException(400, Problem.line(e.getMessage()));
        }
    }

    private static final class TapFeed implements StreamHandler.Feed {
        private final TopicLog log;
        private final TapRecords records;
        private final Filter filter;
        private final long max;
        private final Map<Integer, Long> next;

        private TapFeed(TopicLog log, TapRecords records, Filter filter, long max) {
            this.log = log;
            this.records = records;
            this.filter = filter;
            this.max = max;
            next = new TreeMap<>(log.positions());
        }

        @Override
        public void run(LiveStream client) throws IOException {
            var sent = 0L;
            while (client.isOpen() && sent < max && !log.isAtEnd()) {
                if (log.isDry()) {
                    client.flush();
                }
                var record = log.poll();
                if (record.isEmpty()) {
                    continue;
                }
                next.put(record.get().partition(), record.get().offset() + 1);
                var json = records.of(record.get());
                if (filter.shows(json)) {
                    client.send(Resume.id(next), "record", json);
                    sent++;
                }
            }
            if (client.isOpen() && !client.isLines()) {
                var end = JsonNodeFactory.instance.objectNode().put("records", sent);
                client.send(Resume.id(next), "end", end);
            }
            client.flush();
        }

        @Override
        public void close() {
            log.close();
        }
    }
}
