package io.mitune.app.dashboard.http;

import io.javalin.http.Context;
import io.mitune.app.api.ApiDocument;
import io.mitune.app.dashboard.read.CandidateReader;
import io.mitune.app.dashboard.read.LogReader;
import io.mitune.app.dashboard.state.DashboardState;
import io.mitune.app.dashboard.state.GalleryQuery;
import io.mitune.app.lag.GroupPoll;
import io.mitune.app.web.Access;
import io.mitune.app.web.Json;
import io.mitune.app.web.Problem;
import io.mitune.app.web.Routes;
import io.mitune.app.web.WebException;
import io.mitune.app.web.WebPart;
import io.mitune.schemas.Connection;
import io.mitune.schemas.blobs.BlobStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The live page of the stream: reads the log, keeps what the page shows, serves page and data.
 *
 * <p>It only reads, but for the adapter buttons. A restart loses nothing: everything is read again
 * from the log, and open pages go on by themselves. Thread-safe; closing ends the reading.
 */
public final class DashboardPart implements WebPart {
    private static final String FOLDER = "io/mitune/app/dashboard";
    private static final List<String> FILTERS = List.of("category", "policy", "adapter", "run");
    private static final int MAX_PAGE = 1_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final DashboardState state;
    private final LogReader log;
    private final GroupPoll groups;
    private final CandidateReader candidates;
    private final LiveUpdates updates;
    private final Pictures pictures;
    private final AdapterButtons buttons;
    private final BatchProgress batches;

    /** Starts to read the log. */
    public DashboardPart(Connection connection, BlobStore blobs) {
        this(connection, blobs, PATIENCE);
    }

    /**
     * The same.
     *
     * @param patience how long an unknown batch is waited for
     */
    public DashboardPart(Connection connection, BlobStore blobs, Duration patience) {
        state = new DashboardState(List.copyOf(connection.topics().shortNames().values()));
        log = new LogReader(connection, state);
        groups = new GroupPoll(connection, state::groups);
        candidates = new CandidateReader(connection);
        updates = new LiveUpdates(state);
        pictures = new Pictures(state.images(), blobs);
        buttons = new AdapterButtons(connection, state);
        batches = new BatchProgress(state, log::caughtUp, patience);
    }

    /** Whether everything is read that was in the log at the start. */
    public boolean caughtUp() {
        return log.caughtUp();
    }

    /** Fails with what ended the reading: from then on the page would stand still. */
    public CompletionStage<Void> ended() {
        return log.ended();
    }

    @Override
    public void register(Routes routes) {
        routes.page("/", FOLDER, "index.html", Access.TOKEN);
        routes.files("/dashboard", FOLDER, Access.TOKEN);
        routes.get("/blobs/{sha256}", Access.TOKEN, pictures::serve);
        routes.serve(ApiDocument.route("dashboard"), this::snapshot);
        routes.stream(ApiDocument.route("dashboardEvents"), updates.hub());
        routes.serve(ApiDocument.route("gallery"), this::gallery);
        routes.serve(ApiDocument.route("prompts"), this::prompts);
        routes.serve(ApiDocument.route("promptDetail"), this::prompt);
        routes.serve(ApiDocument.route("batch"), batches::show);
        routes.serve(ApiDocument.route("promote"), buttons::promote);
        routes.serve(ApiDocument.route("rollback"), buttons::rollback);
    }

    @Override
    public void close() {
        updates.close();
        groups.close();
        log.close();
        candidates.close();
    }

    private void snapshot(Context ctx) {
        Json.send(ctx, state.snapshot(System.currentTimeMillis()));
    }

    private void gallery(Context ctx) {
        Map<String, String> filters = new HashMap<>();
        for (var name : FILTERS) {
            Optional.ofNullable(ctx.queryParam(name))
                    .filter(value -> !value.isEmpty())
                    .ifPresent(value -> filters.put(name, value));
        }
        var text = Optional.ofNullable(ctx.queryParam("text")).orElse("");
        Json.send(ctx, state.gallery(new GalleryQuery(filters, text, sort(ctx), page(ctx))));
    }

    private static String sort(Context ctx) {
        var sort = Optional.ofNullable(ctx.queryParam("sort")).orElse("newest");
        if (!GalleryQuery.SORTS.contains(sort)) {
            var known = "one of " + String.join(", ", GalleryQuery.SORTS);
            throw new WebException(400, Problem.of("sort", known, Problem.shown(sort)));
        }
        return sort;
    }

    private void prompts(Context ctx) {
        Json.send(ctx, state.prompts(page(ctx)));
    }

    private void prompt(Context ctx) {
        var promptId = ctx.pathParam("promptId");
        var round = number("round", ctx.pathParam("round"), MAX_PAGE);
        var run = Optional.ofNullable(ctx.queryParam("run")).orElse("");
        var range = state.range(run, promptId, round);
        var found = candidates.read(run, promptId, round, range);
        if (found.isEmpty()) {
            throw new WebException(
                    404,
                    Problem.of("promptId", "a prompt with candidates", "none in round " + round));
        }
        Json.send(ctx, PromptDetail.of(found, state.samples(run, promptId, round), state.images()));
    }

    private static int page(Context ctx) {
        return number("page", Optional.ofNullable(ctx.queryParam("page")).orElse("0"), MAX_PAGE);
    }

    private static int number(String name, String text, int most) {
        if (!text.matches("\\d{1,7}") || Integer.parseInt(text) > most) {
            throw new WebException(
                    400, Problem.of(name, "0 to " + most, text.length() > 40 ? "more" : text));
        }
        return Integer.parseInt(text);
    }
}
