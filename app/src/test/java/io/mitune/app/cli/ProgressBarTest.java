package io.mitune.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private final StringWriter err = new StringWriter();
    private final AtomicLong now = new AtomicLong();

    @Test
    void withoutATerminalALineComesEveryFewSeconds() {
        try (var bar = bar(false, 60)) {
            bar.skip(20);
            for (var i = 0; i < 40; i++) {
                now.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
                bar.advance(1);
            }
        }
        assertEquals(
                """
                draw 30/60 images, 2.0/s, 15.0 s left
                draw 40/60 images, 2.0/s, 10.0 s left
                draw 50/60 images, 2.0/s, 5.0 s left
                draw 60/60 images, 2.0/s, 20.0 s
                """,
                err.toString().replace(System.lineSeparator(), "\n"));
    }

    @Test
    void onATerminalOneLineIsDrawnOverAndFits() {
        try (var bar = bar(true, 50)) {
            for (var i = 0; i < 50; i++) {
                now.addAndGet(TimeUnit.SECONDS.toNanos(100));
                bar.advance(1);
            }
        }
        assertEquals(
                1, err.toString().lines().filter(s -> s.strip().endsWith("1 h 23 min")).count());
        for (var drawn : err.toString().split("[\r\n]")) {
            assertTrue(drawn.length() < 60, drawn);
        }
        assertTrue(err.toString().contains("########################"), err.toString());
    }

    @Test
    void aTerminalThatDoesNotKnowItsWidthIsTakenForAnOrdinaryOne() {
        var out = new PrintWriter(err, true);
        assertEquals(80, new Console(out, out, true, 0).columns());
    }

    @Test
    void timesAndRatesReadWell() {
        assertEquals("8.2 s", ProgressBar.time(8.21));
        assertEquals("3 min 05 s", ProgressBar.time(185));
        assertEquals("2 h 10 min", ProgressBar.time(7800));
        assertEquals("1500/s", ProgressBar.rate(1500));
        assertEquals("6.0/min", ProgressBar.rate(0.1));
    }

    private ProgressBar bar(boolean terminal, long total) {
        var out = new PrintWriter(err, true);
        var console = new Console(out, out, terminal, 60);
        return new ProgressBar(console, "draw", total, "images", now::get);
    }
}
