package io.mitune.app.roles;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.ProgressBar;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.TrainingStep;
import io.mitune.workers.TrainerListener;
import java.util.Optional;

/**
 * Shows a trainer on the console: a bar while it waits for samples, a bar while it trains, a line
 * for each version. Called on the trainer's thread only.
 */
final class TrainingProgress implements TrainerListener, AutoCloseable {
    private final Console console;
    private Optional<ProgressBar> bar = Optional.empty();
    private String title = "";

    /** Shows it here. */
    TrainingProgress(Console console) {
        this.console = console;
    }

    @Override
    public void waiting(int round, int seen, int expected) {
        if (expected > 0) {
            show("round " + round + ": curated", expected, "prompts").reach(seen);
        }
    }

    @Override
    public void training(int round, int samples, long step, long steps) {
        show("round " + round + ": train on " + samples + " samples", steps, "steps").skip(step);
    }

    @Override
    public void stepped(TrainingStep step, long done, long steps) {
        bar.ifPresent(shown -> shown.reach(done));
    }

    @Override
    public void published(AdapterEvent event) {
        if (!event.getStatus().equals("checkpoint")) {
            tell(event);
        }
    }

    @Override
    public void decided(AdapterEvent current) {
        close();
        console.print(
                "run %s: version %d is in use; %s"
                        .formatted(current.getRun(), current.getVersion(), current.getReason()));
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.empty();
        title = "";
    }

    private void tell(AdapterEvent event) {
        close();
        console.remark(
                "run %s: version %d, %s, waits for its evaluation"
                        .formatted(event.getRun(), event.getVersion(), event.getStatus()));
    }

    private ProgressBar show(String wanted, long total, String unit) {
        if (!title.equals(wanted)) {
            close();
            title = wanted;
            bar = Optional.of(new ProgressBar(console, wanted, total, unit));
        }
        return bar.orElseThrow();
    }
}
