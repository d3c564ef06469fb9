package io.mitune.app.survey;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpStatus;
import io.mitune.app.api.ApiDocument;
import io.mitune.app.web.Access;
import io.mitune.app.web.Json;
import io.mitune.app.web.RateLimit;
import io.mitune.app.web.Routes;
import io.mitune.app.web.WebPart;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The questionnaire as plain pages and forms, without scripts and without cookies.
 *
 * <p>Everything that a page shows follows from its address, the survey and the answers in the log,
 * so reloads, the back button and restarts change nothing. Answering is open to all; results ask
 * for the token where the server has one. Thread-safe.
 */
final class SurveyPart implements WebPart {
    private static final Logger log = LoggerFactory.getLogger(SurveyPart.class);
    private static final String FOLDER = "io/mitune/app/survey";
    private static final String DASHBOARD = "io/mitune/app/dashboard";
    private static final String DONE = "done";
    private static final String ONE_DAY = "private, max-age=86400, immutable";

    private final SurveyPlan plan;
    private final AnswerBook book;
    private final RateLimit limit;
    private final Clock clock;
    private final Map<String, Exhibit> pictures;
    private final PictureCache cache = new PictureCache();

    SurveyPart(SurveyPlan plan, AnswerBook book, RateLimit limit, Clock clock) {
        this.plan = plan;
        this.book = book;
        this.limit = limit;
        this.clock = clock;
        pictures = plan.pictures();
    }

    @Override
    public void register(Routes routes) {
        routes.page("/survey/base.css", DASHBOARD, "style.css", Access.PUBLIC);
        routes.page("/survey/style.css", FOLDER, "style.css", Access.PUBLIC);
        routes.get("/survey", Access.PUBLIC, page(ctx -> html(ctx, SurveyPages.welcome(plan))));
        routes.post("/survey/start", Access.PUBLIC, page(this::start));
        routes.get("/survey/v/{voter}", Access.PUBLIC, page(this::resume));
        routes.get("/survey/v/{voter}/{place}", Access.PUBLIC, page(this::question));
        routes.post("/survey/v/{voter}/{place}", Access.PUBLIC, page(this::answer));
        routes.get("/survey/picture/{key}", Access.PUBLIC, page(this::picture));
        routes.get("/survey/results", Access.TOKEN, ctx -> html(ctx, ResultsPage.of(results())));
        routes.serve(
                ApiDocument.route("surveyResults"),
                ctx -> Json.send(ctx, ResultsJson.of(results())));
    }

    private SurveyResults results() {
        return SurveyResults.of(plan.campaign(), book.all());
    }

    private void start(Context ctx) {
        requireRate(ctx);
        var voter = Voter.random();
        requireRoom(voter);
        ctx.redirect(voter.path() + "/1", HttpStatus.SEE_OTHER);
    }

    /** To the first question without an answer. */
    private void resume(Context ctx) {
        var voter = voter(ctx);
        ctx.redirect(firstOpen(voter, plan.ballot(voter.id())), HttpStatus.SEE_OTHER);
    }

    private String firstOpen(Voter voter, Ballot ballot) {
        var open = open(voter, ballot);
        return voter.path() + "/" + (open.isEmpty() ? DONE : open.get(0));
    }

    private void question(Context ctx) {
        var voter = voter(ctx);
        var ballot = plan.ballot(voter.id());
        if (ctx.pathParam("place").equals(DONE)) {
            html(ctx, SurveyPages.done(plan, voter, ballot.pages().size(), open(voter, ballot)));
            return;
        }
        var place = place(ctx, ballot);
        var page = ballot.pages().get(place - 1);
        var before = book.find(voter.id(), page.question().id());
        html(ctx, QuestionPage.of(plan, voter, place, ballot.pages().size(), page, before));
    }

    private void answer(Context ctx) {
        requireRate(ctx);
        var voter = voter(ctx);
        requireRoom(voter);
        var ballot = plan.ballot(voter.id());
        var place = place(ctx, ballot);
        var page = ballot.pages().get(place - 1);
        var asked = Optional.ofNullable(ctx.formParam(QuestionPage.QUESTION)).orElse("");
        if (!page.question().id().equals(asked)) { // the survey has other questions since
            ctx.redirect(where(asked, voter, ballot), HttpStatus.SEE_OTHER);
            return;
        }
        var ticked = ticked(ctx, page);
        book.answer(plan.vote(page, voter.id(), page.places(ticked), clock.instant()));
        var next = place < ballot.pages().size() ? Integer.toString(place + 1) : DONE;
        ctx.redirect(voter.path() + "/" + next, HttpStatus.SEE_OTHER);
    }

    /** Where a question is now; the first one without an answer, if it is not asked any more. */
    private String where(String questionId, Voter voter, Ballot ballot) {
        return IntStream.rangeClosed(1, ballot.pages().size())
                .filter(place -> id(ballot, place).equals(questionId))
                .mapToObj(place -> voter.path() + "/" + place)
                .findFirst()
                .orElseGet(() -> firstOpen(voter, ballot));
    }

    private static List<Integer> ticked(Context ctx, Ballot.Page page) {
        var values = ctx.formParams(QuestionPage.CHOICE);
        if (page.isPair()) {
            if (values.size() != 1) {
                throw new SurveyFault(400, "Please go back and choose one of the answers.");
            }
            values = values.get(0).equals(QuestionPage.NEITHER) ? List.of() : values;
        }
        var count = page.shown().size();
        var ticked = new LinkedHashSet<Integer>();
        for (var value : values) {
            if (!value.matches("[0-9]{1,2}") || Integer.parseInt(value) >= count) {
                throw new SurveyFault(400, "This answer is not one of the pictures.");
            }
            ticked.add(Integer.parseInt(value));
        }
        return List.copyOf(ticked);
    }

    private void picture(Context ctx) {
        var key = ctx.pathParam("key");
        var exhibit =
                Optional.ofNullable(pictures.get(key))
                        .orElseThrow(() -> new SurveyFault(404, "There is no such picture."));
        try {
            ctx.result(cache.get(key, exhibit.source())).contentType("image/png");
            ctx.header("Cache-Control", ONE_DAY);
        } catch (IOException e) {
            log.warn("a picture cannot be shown: {}", e.getMessage());
            throw new SurveyFault(404, "This picture is missing or damaged.");
        }
    }

    private List<Integer> open(Voter voter, Ballot ballot) {
        return IntStream.rangeClosed(1, ballot.pages().size())
                .filter(place -> book.find(voter.id(), id(ballot, place)).isEmpty())
                .boxed()
                .toList();
    }

    private static String id(Ballot ballot, int place) {
        return ballot.pages().get(place - 1).question().id();
    }

    private static Voter voter(Context ctx) {
        return Voter.of(ctx.pathParam("voter"))
                .orElseThrow(() -> new SurveyFault(404, "There is no such page."));
    }

    private static int place(Context ctx, Ballot ballot) {
        var text = ctx.pathParam("place");
        var number = text.matches("[1-9][0-9]{0,5}") ? Integer.parseInt(text) : 0;
        if (number < 1 || number > ballot.pages().size()) {
            throw new SurveyFault(404, "There is no such question.");
        }
        return number;
    }

    private void requireRoom(Voter voter) {
        if (!book.hasRoom(voter.id())) {
            throw new SurveyFault(503, "This survey has all the answers that it can take.");
        }
    }

    private void requireRate(Context ctx) {
        var wait = limit.take(ctx.ip());
        if (wait.isPresent()) {
            ctx.header("Retry-After", Long.toString(wait.getAsLong()));
            throw new SurveyFault(429, "That was very fast. Please go back and try again.");
        }
    }

    /** What people cannot do is told on a page of the survey. */
    private Handler page(Handler handler) {
        return ctx -> {
            try {
                handler.handle(ctx);
            } catch (SurveyFault e) {
                ctx.status(e.status());
                html(ctx, SurveyPages.fault(plan, e.getMessage()));
            }
        };
    }

    private static void html(Context ctx, String page) {
        ctx.contentType("text/html; charset=utf-8")
                .header("Cache-Control", "no-store")
                .result(page);
    }
}
