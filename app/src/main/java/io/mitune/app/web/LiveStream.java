package io.mitune.app.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.mitune.app.cli.ErrorLine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that stays connected: server-sent events, or lines of JSON where it accepts {@code
 * application/x-ndjson}.
 *
 * <p>Sending blocks while the client does not read, for at most the server's idle time, so nothing
 * piles up: whoever sends also stops reading its source. All but {@link #stop} and {@link #isOpen}
 * belong to the client's thread.
 */
public final class LiveStream {
    private static final Logger log = LoggerFactory.getLogger(LiveStream.class);
    private static final String NDJSON = "application/x-ndjson";
    private static final long BEAT_NANOS = 10_000_000_000L;

    private final Context ctx;
    private final boolean lines;
    private final Thread thread = Thread.currentThread();
    private OutputStream out;
    private long lastWrite;
    private boolean unflushed;
    private boolean running = true;

    LiveStream(Context ctx) {
        this.ctx = ctx;
        lines = String.valueOf(ctx.header("Accept")).contains(NDJSON);
    }

    /** False when the client went or the server stops. */
    public synchronized boolean isOpen() {
        return running;
    }

    /** Whether it gets lines of JSON instead of events. */
    public boolean isLines() {
        return lines;
    }

    /** Where a client that comes back left off. */
    public Optional<String> lastEventId() {
        return StreamGate.lastEventId(ctx);
    }

    /**
     * Sends one event; data of a line client is the JSON alone.
     *
     * @param id what the client says when it comes back; empty for none
     * @param event its kind: letters and hyphens
     */
    public void send(String id, String event, JsonNode data) throws IOException {
        if (lines) {
            write(data + "\n");
            return;
        }
        var text = new StringBuilder();
        if (!id.isEmpty()) {
            text.append("id: ").append(id).append('\n');
        }
        text.append("event: ").append(event).append("\ndata: ").append(data).append("\n\n");
        write(text.toString());
    }

    /** Hands what was sent to the network; call it before waiting for more. */
    public void flush() throws IOException {
        if (unflushed) {
            out.flush();
            unflushed = false;
        } else if (System.nanoTime() - lastWrite > BEAT_NANOS) {
            beat();
        }
    }

    /** A sign of life after some silence, by which a client that is gone is noticed. */
    private void beat() throws IOException {
        write(lines ? "\n" : ": alive\n\n");
        out.flush();
        unflushed = false;
    }

    void begin() throws IOException {
        ctx.disableCompression();
        ctx.contentType(lines ? NDJSON : "text/event-stream; charset=utf-8");
        ctx.header("Cache-Control", "no-store").header("X-Accel-Buffering", "no");
        out = ctx.res().getOutputStream();
        write(lines ? "" : "retry: 2000\n\n");
        out.flush();
        unflushed = false;
    }

    /** Ends it from any thread, also while it waits for its client. */
    public synchronized void stop() {
        if (running) {
            running = false;
            if (Thread.currentThread() != thread) {
                thread.interrupt();
            }
        }
    }

    /** Its connection broke: nobody is to blame. */
    void gone() {
        log.debug("{}: client gone", ctx.path());
    }

    /** Tells the client why there is no more; the status line has long been sent. */
    void fail(RuntimeException e) {
        log.warn("{}: {}", ctx.path(), ErrorLine.of(e));
        log.debug("trace", e);
        try {
            send("", "failure", Failures.problemsOf(e).json());
            out.flush();
        } catch (IOException | RuntimeException lost) {
            gone();
        }
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        lastWrite = System.nanoTime();
        unflushed = true;
    }
}
