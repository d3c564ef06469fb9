package io.mitune.app.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how far a long job is, its rate and when it will end.
 *
 * <p>On a terminal one line is drawn over and over; elsewhere (a log file, CI) a plain line comes
 * every few seconds, so that logs stay short. The rate counts from the start and leaves out what an
 * earlier run had done. Thread-safe.
 */
public final class ProgressBar implements AutoCloseable {
    private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();
    private static final long PLAIN_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int BAR_CELLS = 24;

    private final Console console;
    private final LiveLine shown;
    private final String title;
    private final String unit;
    private final long total;
    private final LongSupplier clock;
    private final long started;
    private long skipped;
    private long done;
    private double underWay;
    private long drawnAt;
    private boolean closed;

    /** A bar that starts now. */
    public ProgressBar(Console console, String title, long total, String unit) {
        this(console, title, total, unit, System::nanoTime);
    }

    ProgressBar(Console console, String title, long total, String unit, LongSupplier clock) {
        this.console = console;
        this.shown = new LiveLine(console);
        this.title = title;
        this.unit = unit;
        this.total = total;
        this.clock = clock;
        this.started = clock.getAsLong();
        this.drawnAt = started;
    }

    /** How much there is to do. */
    public long total() {
        return total;
    }

    /** Counts work that an earlier run has done already. */
    public synchronized void skip(long count) {
        skipped += count;
        draw(false);
    }

    /** Counts work done now. */
    public synchronized void advance(long count) {
        done += count;
        underWay = Math.max(0, underWay - count);
        draw(false);
    }

    /** Says how much of what comes next is done, so that slow work moves the bar and the ETA. */
    public synchronized void underWay(double count) {
        underWay = count;
        draw(false);
    }

    /** Says how much is done in all, for jobs that know their position and not their steps. */
    public synchronized void reach(long position) {
        advance(Math.max(0, position - skipped - done));
    }

    /** Prints a last line with the total and the time it took; nothing when nothing was done. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (skipped + done > 0) {
            draw(true);
        }
        shown.end();
    }

    private void draw(boolean last) {
        var now = clock.getAsLong();
        var pause = console.terminal() ? REDRAW_NANOS : PLAIN_NANOS;
        boolean isLastNear = !console.terminal() && skipped + done >= total;
        if (!last && (isLastNear || now - drawnAt < pause)) {
            return;
        }
        drawnAt = now;
        shown.show(line(now, last));
    }

    private String line(long now, boolean last) {
        var seconds = (now - started) / 1e9;
        var made = done + underWay;
        var rate = seconds > 0 ? made / seconds : 0;
        var count = skipped + done;
        var text = new StringBuilder(title).append(' ');
        if (console.terminal() && !last) {
            text.append(bar(count + underWay, total)).append(' ');
        }
        text.append(count).append('/').append(total).append(' ').append(unit);
        if (made > 0) {
            text.append(", ").append(rate(rate));
        }
        if (last) {
            text.append(", ").append(time(seconds));
        } else if (made > 0 && total > count) {
            var left = Math.max(0, total - count - underWay);
            text.append(", ").append(time(left / rate)).append(" left");
        }
        return text.toString();
    }

    /** How much is done as a row of cells; all of nothing is all. */
    public static String bar(double done, long total) {
        var cells = total == 0 ? BAR_CELLS : (int) (BAR_CELLS * Math.min(done, total) / total);
        return "#".repeat(cells) + ".".repeat(BAR_CELLS - cells);
    }

    /** A rate with about three digits; work slower than one a second is given per minute. */
    public static String rate(double perSecond) {
        if (perSecond < 1) {
            return String.format(Locale.ROOT, "%.1f/min", perSecond * 60);
        }
        return String.format(Locale.ROOT, perSecond < 100 ? "%.1f/s" : "%.0f/s", perSecond);
    }

    /** Seconds as people read them: 8.2 s, 3 min 05 s, 2 h 10 min. */
    public static String time(double seconds) {
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        var whole = Math.round(seconds);
        if (whole < 3600) {
            return String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60);
        }
        return String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
    }
}
