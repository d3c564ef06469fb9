package io.mitune.app.policy;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.PolicyEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a policy can say, as options; what is not given stays as it is. */
final class PolicyOptions {
    @Option(
            names = "--selection",
            paramLabel = "ORDER",
            description = "mi-max, mi-min or random (default: mi-max).")
    private Optional<String> selection = Optional.empty();

    @Option(
            names = "--keep",
            paramLabel = "K",
            description = "Candidates to keep of a prompt (default: what each prompt asks for).")
    private Optional<Integer> keep = Optional.empty();

    @Option(names = "--threshold", paramLabel = "NATS", description = "Least score to be kept.")
    private Optional<Double> threshold = Optional.empty();

    @Option(
            names = "--margin",
            paramLabel = "NATS",
            description = "Least lead of a prompt's best over its runner-up.")
    private Optional<Double> margin = Optional.empty();

    @Option(
            names = "--quota",
            paramLabel = "CATEGORY=N",
            description = "Most samples of a category in a round; * for all others. Repeatable.")
    private Map<String, Integer> quotas = new LinkedHashMap<>();

    @Option(
            names = "--max-similarity",
            paramLabel = "COSINE",
            description = "Greatest similarity of latents to what was kept before.")
    private Optional<Double> maxSimilarity = Optional.empty();

    @Option(
            names = "--similarity-scope",
            paramLabel = "SCOPE",
            description = "Among what that holds: prompt or round (default: round).")
    private Optional<String> similarityScope = Optional.empty();

    @Option(
            names = "--estimator",
            paramLabel = "NAME",
            description =
                    "official, or paper: with 1 / alpha_t, or RFMI of the prompt's velocity alone"
                            + " (default: official).")
    private Optional<String> estimator = Optional.empty();

    @Option(
            names = "--window",
            paramLabel = "FROM:TO",
            description = "Score only steps with FROM < t < TO (default: as logged).")
    private Optional<String> window = Optional.empty();

    @Option(
            names = "--vote-weight",
            paramLabel = "SHARE",
            description = "Share of people's votes in the order, 0 to 1; with --only-recurate.")
    private Optional<Double> voteWeight = Optional.empty();

    @Option(
            names = "--min-votes",
            paramLabel = "N",
            description = "Answers that must have shown a candidate (default: 1).")
    private Optional<Integer> minVotes = Optional.empty();

    @Option(
            names = "--run-suffix",
            paramLabel = "TEXT",
            description = "Keep for the run named RUN + TEXT, beside the main one.")
    private Optional<String> runSuffix = Optional.empty();

    @Option(names = "--run", paramLabel = "NAME", description = "Only this run (default: all).")
    private Optional<String> run = Optional.empty();

    @Option(names = "--only-recurate", description = "For recurate; the stream goes on as before.")
    private boolean onlyRecurate;

    void apply(PolicyEvent.Builder event) {
        selection.ifPresent(event::setSelection);
        keep.ifPresent(event::setKeep);
        threshold.ifPresent(event::setThreshold);
        margin.ifPresent(event::setMargin);
        if (!quotas.isEmpty()) {
            event.setQuotas(new LinkedHashMap<>(quotas));
        }
        maxSimilarity.ifPresent(event::setMaxSimilarity);
        similarityScope.ifPresent(event::setSimilarityScope);
        estimator.ifPresent(event::setEstimator);
        window.ifPresent(text -> setWindow(event, text));
        voteWeight.ifPresent(event::setVoteWeight);
        minVotes.ifPresent(event::setMinVotes);
        runSuffix.ifPresent(event::setRunSuffix);
        run.ifPresent(event::setRun);
        if (onlyRecurate) {
            event.setLive(false);
        }
    }

    private static void setWindow(PolicyEvent.Builder event, String text) {
        var ends = text.split(":", -1);
        try {
            if (ends.length == 2) {
                event.setWindowFrom(Double.valueOf(ends[0]));
                event.setWindowTo(Double.valueOf(ends[1]));
                return;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new UserError("--window: expected FROM:TO such as 100:900, found " + text);
    }
}
