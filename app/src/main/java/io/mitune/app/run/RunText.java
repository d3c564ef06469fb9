package io.mitune.app.run;

import io.mitune.app.cli.ProgressBar;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.RunStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A run's settings and status in words. Pure. */
final class RunText {
    private static final double SECONDS_PER_HOUR = 3600;

    static final List<String> HEADER =
            List.of(
                    "run",
                    "state",
                    "round",
                    "decided",
                    "adapter",
                    "candidates",
                    "GPU hours",
                    "ETA",
                    "waits");

    private RunText() {}

    /** One row of the list. */
    static List<String> row(String run, Optional<RunStatus> status) {
        if (status.isEmpty()) {
            return List.of(run, "not seen yet", "-", "-", "-", "-", "-", "-", "");
        }
        var s = status.get();
        return List.of(
                run,
                s.getState(),
                Integer.toString(s.getRound()),
                Integer.toString(s.getDecidedRound()),
                Integer.toString(s.getAdapterVersion()),
                Long.toString(s.getSamples()),
                hours(s.getSeconds()),
                eta(s),
                s.getWaits());
    }

    /** All that is known of one run, a line each. */
    static List<String> lines(Optional<RunSettings> settings, Optional<RunStatus> status) {
        var lines = new ArrayList<String>();
        status.ifPresentOrElse(s -> tell(s, lines), () -> lines.add("state       not seen yet"));
        var waits = status.map(RunStatus::getWaits).orElse("");
        settings.ifPresentOrElse(s -> tell(s, waits, lines), () -> lines.add("settings    none"));
        return lines;
    }

    private static void tell(RunStatus s, List<String> lines) {
        lines.add("state       " + s.getState());
        if (!s.getWaits().isEmpty()) {
            lines.add("waits       " + s.getWaits());
        }
        lines.add("round       %d, decided %d".formatted(s.getRound(), s.getDecidedRound()));
        var decision = s.getDecision().isEmpty() ? "" : ": " + s.getDecision();
        lines.add("adapter     version " + s.getAdapterVersion() + decision);
        lines.add(
                "spent       %d candidates, %s GPU hours, %s of them on training"
                        .formatted(
                                s.getSamples(),
                                hours(s.getSeconds()),
                                hours(s.getTrainingSeconds())));
        if (s.getSamplesLeft() != null) {
            lines.add("left        " + s.getSamplesLeft() + " candidates");
        }
        if (s.getSecondsLeft() != null) {
            lines.add("left        " + hours(s.getSecondsLeft()) + " GPU hours");
        }
        if (s.getEtaSeconds() != null) {
            lines.add("ETA         " + eta(s));
        }
        lines.add(
                "staleness   %d versions, %d samples left out"
                        .formatted(s.getStaleness(), s.getStaleSamples()));
        lines.add("as of       " + s.getUpdatedAt());
    }

    private static void tell(RunSettings s, String waits, List<String> lines) {
        lines.add("settings    version %d of %s".formatted(s.getVersion(), s.getChangedAt()));
        if (!s.getReason().isEmpty() && !waits.endsWith(s.getReason())) {
            lines.add("reason      " + s.getReason());
        }
        if (s.getPaused()) {
            lines.add("            `mitune run resume %s` lets it go on".formatted(s.getRun()));
        }
        lines.add(
                "rounds      "
                        + (s.getRounds() == 0 ? "no end" : "up to " + s.getRounds())
                        + ", "
                        + s.getDraw());
        lines.add(
                "budget      %s GPU hours, %s candidates, until %s"
                        .formatted(
                                s.getBudgetSeconds() > 0 ? hours(s.getBudgetSeconds()) : "any",
                                s.getBudgetSamples() > 0 ? s.getBudgetSamples() : "any",
                                s.getEndsAt() == null ? "never" : s.getEndsAt()));
        if (s.getMaxStaleness() >= 0) {
            lines.add("staleness   at most " + s.getMaxStaleness() + " versions");
        }
        if (s.getGuardVersions() > 0) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "guard       %d versions; diversity -%.3g %% and score -%.3g standard"
                                    + " errors or x %.3g",
                            s.getGuardVersions(),
                            100 * s.getGuardDiversityDrop(),
                            s.getGuardScoreDrop(),
                            s.getGuardScoreRise()));
        }
    }

    private static String hours(double seconds) {
        return String.format(Locale.ROOT, "%.3f", seconds / SECONDS_PER_HOUR);
    }

    private static String eta(RunStatus s) {
        return s.getEtaSeconds() == null ? "-" : ProgressBar.time(s.getEtaSeconds());
    }
}
