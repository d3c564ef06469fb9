package io.mitune.app.status;

import io.mitune.app.cli.UserError;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The whole terminal, drawn over and over, until closed; then it is as it was.
 *
 * <p>Keys come without Enter and sizes follow the window, by {@code stty}, which every Unix has: no
 * native code. Belongs to one thread.
 */
final class Screen implements AutoCloseable {
    private static final File TERMINAL = new File("/dev/tty");
    private static final String ENTER = "\u001b[?1049h\u001b[?25l"; // second screen, no cursor
    private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String END_LINE = "\u001b[K";
    private static final String END_SCREEN = "\u001b[J";
    private static final int ROWS = 24;
    private static final int COLUMNS = 80;

    private final PrintWriter out;
    private final InputStream keys;
    private final String before;

    Screen(PrintWriter out) {
        this.out = out;
        try {
            before = stty("-g");
            keys = new FileInputStream(TERMINAL);
            stty("-icanon", "-echo", "min", "0", "time", "1");
        } catch (IOException e) {
            throw new UserError("--watch: expected a terminal, found none: " + e.getMessage(), e);
        }
        out.print(ENTER);
        out.flush();
    }

    /** Draws as much of this as there is room for. */
    void draw(List<String> lines) {
        int[] size = size();
        var text = new StringBuilder(HOME);
        var shown = StatusText.fitting(lines, size[1], size[0] - 1);
        shown.forEach(line -> text.append(line).append(END_LINE).append("\r\n"));
        out.print(text.append(END_SCREEN));
        out.flush();
    }

    /** A key that was pressed, or -1 after a tenth of a second. */
    int key() {
        try {
            return keys.read();
        } catch (IOException e) {
            return -1;
        }
    }

    @Override
    public void close() {
        out.print(LEAVE);
        out.flush();
        try (keys) {
            stty(before);
        } catch (IOException e) {
            throw new UserError("terminal: expected stty to restore it; stty sane does", e);
        }
    }

    /** Rows and columns. */
    private static int[] size() {
        try {
            var words = stty("size").split(" ");
            int rows = Integer.parseInt(words[0]);
            int columns = Integer.parseInt(words[1]);
            return rows > 1 && columns > 1 ? new int[] {rows, columns} : new int[] {ROWS, COLUMNS};
        } catch (IOException | RuntimeException e) {
            return new int[] {ROWS, COLUMNS};
        }
    }

    private static String stty(String... words) throws IOException {
        var line = new ArrayList<String>();
        line.add("stty");
        line.addAll(List.of(words));
        var process = new ProcessBuilder(line).redirectInput(TERMINAL).start();
        try {
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(5, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("stty " + String.join(" ", words));
            }
            return said.strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroy();
        }
    }
}
