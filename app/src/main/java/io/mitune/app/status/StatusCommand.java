package io.mitune.app.status;

import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.JsonOption;
import io.mitune.app.cli.UntilStopped;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The stream on one screen, once or all the time. */
@Command(
        name = "status",
        description = "Show the stream on one screen: runs, prompts, workers, trainer, topics.",
        mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
    private static final long EVERY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long PLAIN_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long LOOK_NANOS = Duration.ofMillis(100).toNanos();

    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;
    @Mixin private JsonOption json;

    @Option(
            names = "--watch",
            description =
                    "Go on until q or Ctrl-C; drawn over on a terminal, every 5 s one after the"
                            + " other elsewhere.")
    private boolean watch;

    @Override
    public Integer call() {
        var console = Console.of(spec);
        try (var until = new UntilStopped();
                var status = new StreamStatus(connection.connect())) {
            status.awaitCaughtUp(console, until::isStopped);
            if (!watch) {
                print(console, status);
            } else if (Boolean.getBoolean("mitune.screen") && !json.given()) {
                draw(console, status, until);
            } else {
                repeat(console, status, until);
            }
        }
        return 0;
    }

    private void draw(Console console, StreamStatus status, UntilStopped until) {
        try (var screen = new Screen(console.out())) {
            while (!until.isStopped()) {
                screen.draw(StatusText.lines(status.view()));
                var end = System.nanoTime() + EVERY_NANOS;
                while (!until.isStopped() && System.nanoTime() < end) {
                    if (screen.key() == 'q') {
                        return;
                    }
                }
            }
        }
    }

    private void repeat(Console console, StreamStatus status, UntilStopped until) {
        while (!until.isStopped()) {
            print(console, status);
            if (!json.given()) {
                console.print("");
            }
            var end = System.nanoTime() + PLAIN_NANOS;
            while (!until.isStopped() && System.nanoTime() < end) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
    }

    private void print(Console console, StreamStatus status) {
        if (json.given()) {
            JsonOption.print(console, List.of(status.view()));
        } else {
            StatusText.lines(status.view()).forEach(console::print);
        }
    }
}
