package io.mitune.streams.runs;

import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.RunLimits;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.RunStatus;
import io.mitune.schemas.TrainingStep;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a run stands: whether it is given more work, and whether its next round may begin.
 *
 * <p>A round is opened when the one before is decided, the settings ask for it and nothing holds
 * the run up. The clock counts for the end of the run and the outlook alone. Pure.
 */
final class RunRule {
    static final String RUNNING = "running";
    static final String PAUSED = "paused";
    static final String SPENT = "spent";
    static final String DONE = "done";

    private RunRule() {}

    /**
     * @param pace of its spending
     */
    static RunStatus status(RunFacts facts, Pace pace, Instant now) {
        var paused = facts.settings().flatMap(RunRule::pause);
        var spent = facts.settings().flatMap(s -> spent(s, facts.totals(), now));
        var waits = paused.or(() -> spent).orElse("");
        boolean opens = waits.isEmpty() && mayOpen(facts);
        var last = facts.before().map(RunStatus::getDraw).orElse(RunLimits.NEW_SEEDS);
        return RunStatus.newBuilder()
                .setRun(facts.run())
                .setSettingsVersion(facts.settings().map(RunSettings::getVersion).orElse(0))
                .setState(
                        paused.map(reason -> PAUSED)
                                .or(() -> spent.map(reason -> SPENT))
                                .orElseGet(() -> isDone(facts) ? DONE : RUNNING))
                .setWaits(waits)
                .setRound(facts.totals().round())
                .setOpenedRound(opens ? facts.totals().round() + 1 : facts.openedRound())
                .setDecidedRound(facts.decidedRound())
                .setDraw(opens ? facts.settings().orElseThrow().getDraw() : last)
                .setAdapterVersion(facts.adapter().map(AdapterEvent::getVersion).orElse(0))
                .setDecision(facts.adapter().map(AdapterEvent::getReason).orElse(""))
                .setSeconds(facts.totals().seconds())
                .setTrainingSeconds(facts.totals().trainingSeconds())
                .setSamples(facts.totals().samples())
                .setSecondsLeft(secondsLeft(facts))
                .setSamplesLeft(samplesLeft(facts))
                .setEtaSeconds(outlook(facts, pace, now))
                .setStaleness(facts.step().map(TrainingStep::getStaleness).orElse(0))
                .setStaleSamples(facts.step().map(TrainingStep::getStaleSamples).orElse(0L))
                .setUpdatedAt(now)
                .build();
    }

    /** Seconds until the first of the budgets is spent. */
    private static Double outlook(RunFacts facts, Pace pace, Instant now) {
        var seconds = Optional.ofNullable(secondsLeft(facts)).map(l -> l / pace.seconds());
        var samples = Optional.ofNullable(samplesLeft(facts)).map(l -> l / pace.samples());
        var end =
                facts.settings()
                        .map(RunSettings::getEndsAt)
                        .map(at -> Math.max(0, Duration.between(now, at).toMillis() / 1e3));
        return Stream.of(seconds, samples, end)
                .flatMap(Optional::stream)
                .filter(Double::isFinite)
                .min(Double::compare)
                .orElse(null);
    }

    private static Optional<String> pause(RunSettings s) {
        return s.getPaused()
                ? Optional.of(s.getReason().isEmpty() ? "paused" : "paused: " + s.getReason())
                : Optional.empty();
    }

    private static Optional<String> spent(RunSettings s, RunTotals totals, Instant now) {
        if (s.getBudgetSeconds() > 0 && totals.seconds() >= s.getBudgetSeconds()) {
            return Optional.of(
                    text(
                            "budget of %.1f device seconds is spent, %.1f were used",
                            s.getBudgetSeconds(), totals.seconds()));
        }
        if (s.getBudgetSamples() > 0 && totals.samples() >= s.getBudgetSamples()) {
            return Optional.of(
                    text(
                            "budget of %d candidates is spent, %d were drawn",
                            s.getBudgetSamples(), totals.samples()));
        }
        return Optional.ofNullable(s.getEndsAt())
                .filter(end -> !now.isBefore(end))
                .map(end -> "time is up since " + end);
    }

    private static boolean mayOpen(RunFacts facts) {
        int newest = facts.totals().round();
        return newest >= 1
                && facts.decidedRound() >= newest
                && facts.openedRound() <= newest
                && facts.settingsAreIn()
                && facts.settings().filter(s -> follows(s, newest + 1)).isPresent();
    }

    private static boolean follows(RunSettings s, int round) {
        return s.getRounds() == 0 || round <= s.getRounds();
    }

    private static boolean isDone(RunFacts facts) {
        int decided = facts.decidedRound();
        return decided >= 1
                && decided >= facts.totals().round()
                && facts.settings().filter(s -> !follows(s, decided + 1)).isPresent();
    }

    private static Double secondsLeft(RunFacts facts) {
        return facts.settings()
                .map(RunSettings::getBudgetSeconds)
                .filter(budget -> budget > 0)
                .map(budget -> Math.max(0, budget - facts.totals().seconds()))
                .orElse(null);
    }

    private static Long samplesLeft(RunFacts facts) {
        return facts.settings()
                .map(RunSettings::getBudgetSamples)
                .filter(budget -> budget > 0)
                .map(budget -> Math.max(0, budget - facts.totals().samples()))
                .orElse(null);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
