package io.mitune.app.demo;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.UserError;
import io.mitune.app.local.RunState;
import io.mitune.app.run.RunBook;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import io.mitune.schemas.RunSettings;
import io.mitune.streams.runs.RunsTopology;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Lets the guard against collapse look at the demo's runs: each gets standing settings, in which it
 * is on. Belongs to one thread.
 *
 * @param runs of the demo
 */
record DemoGuard(Connection connection, List<String> runs, Console console) {
    private static final UnaryOperator<RunSettings.Builder> ON =
            RunSettings.Builder::clearGuardVersions; // to the default
    private static final UnaryOperator<RunSettings.Builder> OFF =
            settings -> settings.setGuardVersions(0).setPaused(false).setReason("");

    /**
     * Before the first round. Settings that are there already stay, so that a bound set by hand
     * holds; a guard that was switched off is on again.
     *
     * @param wanted false to switch the guard off and let paused runs go on
     */
    void begin(boolean wanted) {
        var book = RunBook.read(connection, console::remark);
        for (var run : runs) {
            var before = book.settings(run);
            if (!wanted) {
                send(book.change(run, OFF));
            } else if (before.filter(RunSettings::getPaused).isPresent()) {
                throw new UserError(
                        "run %s: expected one that goes on, found it paused (%s); --no-guard goes on"
                                        .formatted(run, before.get().getReason())
                                + " all the same, another --data-dir begins anew");
            } else if (before.map(RunSettings::getGuardVersions).orElse(0) == 0) {
                send(book.change(run, ON));
            }
        }
    }

    private void send(Optional<RunSettings> changed) {
        changed.ifPresent(settings -> RunBook.send(connection, settings));
    }

    /** Whether the guard let the last decided round pass in all runs; says so where it did not. */
    boolean goesOn(RunState state) {
        var stopped =
                runs.stream()
                        .filter(run -> state.current(run).filter(DemoGuard::isStop).isPresent())
                        .toList();
        if (!stopped.isEmpty()) {
            console.remark(
                    "stopped by the guard against collapse: %s; the test images are of the version in"
                                    .formatted(String.join(", ", stopped))
                            + " use; --no-guard goes on all the same");
        }
        return stopped.isEmpty();
    }

    /** Whether this decision paused its run: then it names the settings that do so. */
    static boolean isStop(AdapterEvent decision) {
        return decision.getMetrics().containsKey(RunsTopology.SETTINGS_VERSION);
    }
}
