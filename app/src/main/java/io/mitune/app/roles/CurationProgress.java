package io.mitune.app.roles;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.LiveLine;
import io.mitune.app.cli.ProgressBar;
import io.mitune.streams.StreamsApp;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.MetricName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows how curation gets on: a bar on a terminal, elsewhere a line when something changed.
 *
 * <p>The figures are those of the topologies in this process, so looking reads nothing and asks no
 * broker. Runs on a thread of its own until closed.
 */
final class CurationProgress implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CurationProgress.class);
    private static final long TERMINAL_MILLIS = 500;
    private static final long PLAIN_MILLIS = 5_000;
    private static final long WINDOW_NANOS = Duration.ofMinutes(1).toNanos();

    /**
     * Where the topologies are.
     *
     * @param open prompts that are asked for and not closed
     * @param curated prompts closed since the start
     * @param behind records that are there and not read yet
     */
    record Figures(long open, long curated, long behind) {

        /** Sums over the tasks that this process has. */
        static Figures of(List<StreamsApp> apps) {
            return new Figures(
                    sum(apps, "open-prompts"),
                    sum(apps, "closed-prompts-total"),
                    sum(apps, "records-lag"));
        }

        /** Stores that are restored have consumers of their own, which do not count. */
        private static long sum(List<StreamsApp> apps, String name) {
            Predicate<MetricName> which =
                    metric ->
                            metric.name().equals(name)
                                    && !isRestoring(metric.tags().get("client-id"));
            return Math.round(apps.stream().mapToDouble(app -> app.sum(which)).sum());
        }

        private static boolean isRestoring(String client) {
            return client != null && client.matches(".*(restore|global)-consumer.*");
        }
    }

    private record Past(long nanos, long curated) {}

    private final boolean terminal;
    private final LiveLine line;
    private final Deque<Past> past = new ArrayDeque<>();
    private Figures last = new Figures(0, 0, 0);

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(CurationProgress::thread);

    CurationProgress(Console console) {
        terminal = console.terminal();
        line = new LiveLine(console);
    }

    /** Shows it from now on. */
    static CurationProgress start(Console console, List<StreamsApp> apps) {
        var progress = new CurationProgress(console);
        if (!console.quiet()) {
            progress.every(
                    console.terminal() ? TERMINAL_MILLIS : PLAIN_MILLIS, () -> Figures.of(apps));
        }
        return progress;
    }

    private void every(long millis, Supplier<Figures> figures) {
        timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        show(figures.get(), System.nanoTime());
                    } catch (RuntimeException e) {
                        log.debug("no progress shown", e);
                    }
                },
                millis,
                millis,
                TimeUnit.MILLISECONDS);
    }

    /** Shows the figures of this moment, where they are news; a bar goes on with rate and ETA. */
    void show(Figures now, long nanos) {
        past.addLast(new Past(nanos, now.curated()));
        while (past.size() > 1 && nanos - past.peekFirst().nanos() > WINDOW_NANOS) {
            past.removeFirst();
        }
        if (!now.equals(last) || terminal && last.open() > 0) {
            line.show(text(now, perSecond(now, nanos)));
        }
        last = now;
    }

    @Override
    public void close() {
        timer.shutdownNow();
        line.end();
    }

    /** Over the last minute; none where a task went to another process and its count with it. */
    private double perSecond(Figures now, long nanos) {
        var first = past.peekFirst();
        double seconds = (nanos - first.nanos()) / 1e9;
        return seconds > 0 ? Math.max(0, now.curated() - first.curated()) / seconds : 0;
    }

    private String text(Figures now, double perSecond) {
        long all = now.curated() + now.open();
        var text = new StringBuilder("curate ");
        if (terminal) {
            text.append(ProgressBar.bar(now.curated(), all)).append(' ');
        }
        text.append("%d/%d prompts, %d open".formatted(now.curated(), all, now.open()));
        if (perSecond > 0) {
            text.append(", ").append(ProgressBar.rate(perSecond));
        }
        if (perSecond > 0 && now.open() > 0) {
            text.append(", ").append(ProgressBar.time(now.open() / perSecond)).append(" left");
        }
        if (now.behind() > 0) {
            text.append(", %d records behind".formatted(now.behind()));
        }
        return text.toString();
    }

    private static Thread thread(Runnable work) {
        var thread = new Thread(work, "curate-progress");
        thread.setDaemon(true);
        return thread;
    }
}
