package io.mitune.app.survey;

import io.mitune.app.cli.BlobOptions;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.cli.UserError;
import io.mitune.app.cli.WholeOutput;
import io.mitune.app.metrics.MetricsOptions;
import io.mitune.app.start.StartOptions;
import io.mitune.app.web.RateLimit;
import io.mitune.app.web.WebOptions;
import io.mitune.app.web.WebServer;
import io.mitune.schemas.RequestLimits;
import io.mitune.schemas.Vote;
import io.mitune.schemas.access.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Asks people which pictures show their prompts well, and tells what they said. */
@Command(
        name = "survey",
        description =
                "Ask people about pictures in the browser; results and export of their votes.",
        mixinStandardHelpOptions = true)
public final class SurveyCommand implements Callable<Integer> {
    private static final RateLimit.Rate EACH = new RateLimit.Rate(120, 4);
    private static final RateLimit.Rate ALL = new RateLimit.Rate(1000, 200);

    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;
    @Mixin private BlobOptions blobs;
    @Mixin private WebOptions web;
    @Mixin private MetricsOptions metricsOptions;
    @Mixin private StartOptions start;
    @Mixin private QuestionOptions questions;

    @Option(
            names = "--campaign",
            paramLabel = "NAME",
            description = "Name of the survey in the votes; the same name goes on with it.")
    private Optional<String> campaign = Optional.empty();

    @Option(
            names = "--title",
            paramLabel = "TEXT",
            defaultValue = "Which picture fits?",
            description = "What people read above it (default: ${DEFAULT-VALUE}).")
    private String title;

    @Option(
            names = "--questions-per-category",
            paramLabel = "N",
            defaultValue = "5",
            description =
                    "Prompts of each category that a voter is asked (default: ${DEFAULT-VALUE}).")
    private int perCategory;

    @Option(
            names = "--max-voters",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Voters whose answers are taken (default: ${DEFAULT-VALUE}).")
    private int maxVoters;

    @Override
    public Integer call() throws Exception {
        var console = Console.of(spec);
        var name =
                campaign.orElseThrow(
                        () -> new UserError("--campaign: expected a name, found none"));
        requireName(name);
        if (maxVoters < 1) {
            throw new UserError("--max-voters: expected 1 or more, found " + maxVoters);
        }
        var settings = web.settings();
        var to = connection.connect();
        try (var until = new UntilStopped()) {
            var metrics = metricsOptions.start(until, console);
            var ready = metrics.health().starting("survey");
            if (!start.awaitCluster(connection, Role.SURVEY, metrics.health(), until)) {
                return 0;
            }
            var asked = questions.read(to, blobs.store(), console);
            var plan = new SurveyPlan(name, title, asked, perCategory);
            var known = VoteLog.read(to, name, console::remark);
            var writer = until.closing(new VoteWriter(to));
            var book = new AnswerBook(known, writer::write, maxVoters);
            var parts = SurveyParts.of(plan, book, new RateLimit(EACH, ALL));
            var server = until.closing(WebServer.start(settings, parts));
            ready.run();
            console.remark(
                    "survey %s: %d prompts, %d questions for each voter, %d answers so far"
                            .formatted(name, plan.questions().size(), plan.length(), known.size()));
            console.remark(
                    "survey at %s/survey, results at %s/survey/results; Ctrl-C stops it"
                            .formatted(server.url(), server.url()));
            until.await();
        }
        return 0;
    }

    @Command(
            name = "results",
            description = "Show what the votes of a campaign say.",
            mixinStandardHelpOptions = true)
    void results(
            @Mixin ConnectionOptions to,
            @Option(
                            names = "--campaign",
                            paramLabel = "NAME",
                            required = true,
                            description = "Name of the survey in the votes.")
                    String name,
            @Option(names = "--json", description = "Everything as one JSON object.")
                    boolean json) {
        var console = Console.of(spec);
        var results = SurveyResults.of(name, votes(to, name, console));
        if (json) {
            console.print(ResultsJson.of(results).toPrettyString());
        } else {
            ResultsTable.lines(results).forEach(console::print);
        }
    }

    @Command(
            name = "export",
            description = {
                "Write the votes of a campaign as CSV: one row a question, True or False for each"
                        + " method."
            },
            mixinStandardHelpOptions = true)
    void export(
            @Mixin ConnectionOptions to,
            @Option(
                            names = "--campaign",
                            paramLabel = "NAME",
                            required = true,
                            description = "Name of the survey in the votes.")
                    String name,
            @Option(
                            names = "--output",
                            paramLabel = "FILE",
                            required = true,
                            description = "The CSV file, a new one.")
                    Path output,
            @Option(names = "--voter", description = "With a last column that tells voters apart.")
                    boolean voter,
            @Option(names = "--force", description = "Replace the file.") boolean force)
            throws IOException {
        var console = Console.of(spec);
        var lines = VotesCsv.lines(votes(to, name, console), voter);
        WholeOutput.write(output, List.of(), force, place -> Files.write(place, lines));
        console.print("%s: %d rows".formatted(output, lines.size() - 1));
    }

    private static List<Vote> votes(ConnectionOptions to, String campaign, Console console) {
        requireName(campaign);
        var votes = VoteLog.read(to.connect(), campaign, console::remark);
        if (votes.isEmpty()) {
            throw new UserError(
                    "--campaign %s: expected votes in the log, found none".formatted(campaign));
        }
        return votes;
    }

    private static void requireName(String campaign) {
        RequestLimits.runFault(campaign)
                .ifPresent(
                        fault -> {
                            throw new UserError("--campaign: " + fault.replaceFirst("run: ", ""));
                        });
    }
}
