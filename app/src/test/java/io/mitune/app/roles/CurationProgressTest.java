package io.mitune.app.roles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.cli.Console;
import io.mitune.app.roles.CurationProgress.Figures;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurationProgressTest {
    private final StringWriter err = new StringWriter();

    @Test
    void withoutATerminalALineComesWhenSomethingChanged() {
        show(false, false);
        assertEquals(
                List.of(
                        "curate 0/40 prompts, 40 open, 7 records behind",
                        "curate 10/40 prompts, 30 open, 1.0/s, 30.0 s left",
                        "curate 40/40 prompts, 0 open, 40.0/min"),
                err.toString().lines().toList());
    }

    @Test
    void onATerminalABarIsDrawnOver() {
        show(true, false);
        assertEquals(1, err.toString().chars().filter(c -> c == '\n').count());
        var drawn = err.toString().split("\r");
        assertTrue(drawn[1].startsWith("curate ........................ 0/40 prompts"), drawn[1]);
        assertEquals(drawn[1], drawn[2], "drawn again, for rate and ETA go on");
        assertTrue(drawn[3].startsWith("curate ######.................. 10/40"), drawn[3]);
        assertTrue(drawn[4].startsWith("curate ######################## 40/40"), drawn[4]);
    }

    @Test
    void quietlyNothingIsShown() {
        show(true, true);
        show(false, true);
        assertEquals("", err.toString());
    }

    private void show(boolean terminal, boolean quiet) {
        var out = new PrintWriter(err, true);
        try (var progress = new CurationProgress(new Console(out, out, terminal, 80, quiet))) {
            progress.show(new Figures(0, 0, 0), 0);
            progress.show(new Figures(40, 0, 7), 0);
            progress.show(new Figures(40, 0, 7), 0);
            progress.show(new Figures(30, 10, 0), seconds(10));
            progress.show(new Figures(0, 40, 0), seconds(60));
        }
    }

    private static long seconds(long n) {
        return Duration.ofSeconds(n).toNanos();
    }
}
