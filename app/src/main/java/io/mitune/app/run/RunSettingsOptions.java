package io.mitune.app.run;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.RunSettings;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The settings of a run that a user may change; what is not given stays as it was. */
final class RunSettingsOptions {
    private static final double SECONDS_PER_HOUR = 3600;
    private static final double MAX_HOURS = 1e8;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Last round that follows by itself; 0 for no end, 1 when none follows.")
    private Optional<Integer> rounds = Optional.empty();

    @Option(
            names = "--draw",
            paramLabel = "RULE",
            description =
                    "What a following round draws, the same prompts under new-seeds or same-seeds.")
    private Optional<String> draw = Optional.empty();

    @Option(
            names = "--max-staleness",
            paramLabel = "N",
            description =
                    "Adapter versions that a sample may be behind in stream mode, from the next"
                            + " version on; -1 for the trainer's own setting.")
    private Optional<Integer> maxStaleness = Optional.empty();

    @Option(
            names = "--budget-gpu-hours",
            paramLabel = "H",
            description = "Device time for candidates, validation and training; 0 for no bound.")
    private Optional<Double> budgetHours = Optional.empty();

    @Option(
            names = "--budget-samples",
            paramLabel = "N",
            description = "Candidates to draw; 0 for no bound.")
    private Optional<Long> budgetSamples = Optional.empty();

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description = "No new work from then on, as 2026-12-24T18:00:00Z; never for no end.")
    private Optional<String> until = Optional.empty();

    @Option(
            names = "--guard-versions",
            paramLabel = "N",
            description =
                    "Promoted versions that the collapse guard looks back; 0 for no guard"
                            + " (default: 3).")
    private Optional<Integer> guardVersions = Optional.empty();

    @Option(
            names = "--guard-diversity-drop",
            paramLabel = "PART",
            description =
                    "Part of the diversity that may be lost over --guard-versions; when more is,"
                            + " the next two count (default: 0.02).")
    private Optional<Double> guardDiversityDrop = Optional.empty();

    @Option(
            names = "--guard-score-drop",
            paramLabel = "X",
            description = "Standard errors that the validation score may fall then (default: 2).")
    private Optional<Double> guardScoreDrop = Optional.empty();

    @Option(
            names = "--guard-score-rise",
            paramLabel = "X",
            description =
                    "Times its height that the validation score may rise to then; a model that"
                            + " collapses becomes sure of itself (default: 1.25).")
    private Optional<Double> guardScoreRise = Optional.empty();

    /** Puts what was given into the settings. */
    RunSettings.Builder into(RunSettings.Builder settings) {
        rounds.ifPresent(settings::setRounds);
        draw.ifPresent(settings::setDraw);
        maxStaleness.ifPresent(settings::setMaxStaleness);
        budgetHours.map(RunSettingsOptions::seconds).ifPresent(settings::setBudgetSeconds);
        budgetSamples.ifPresent(settings::setBudgetSamples);
        until.ifPresent(text -> settings.setEndsAt(end(text).orElse(null)));
        guardVersions.ifPresent(settings::setGuardVersions);
        guardDiversityDrop.ifPresent(settings::setGuardDiversityDrop);
        guardScoreDrop.ifPresent(settings::setGuardScoreDrop);
        guardScoreRise.ifPresent(settings::setGuardScoreRise);
        return settings;
    }

    private static double seconds(double hours) {
        if (!(hours >= 0 && hours <= MAX_HOURS)) {
            throw new UserError(
                    "--budget-gpu-hours: expected 0 to " + MAX_HOURS + ", found " + hours);
        }
        return hours * SECONDS_PER_HOUR;
    }

    private static Optional<Instant> end(String text) {
        if (text.equals("never")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            throw new UserError(
                    "--until: expected a time as 2026-12-24T18:00:00Z or never, found " + text, e);
        }
    }
}
