package io.mitune.app.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds the command lines of a Markdown page: each line of an indented or fenced block, and inline
 * code.
 *
 * <p>A fence that names another language than {@code sh} holds no commands; one of Python is a
 * program. A page can be read again at any time; nothing is kept.
 */
final class DocPage {
    /** Where a command of ours begins; {@code ../mitune} is a link, helm installs a chart. */
    static final Pattern BEGIN =
            Pattern.compile(
                    "(?<![\\w./-])(?<!install )(?:\\./mitune(?![\\w./-])|mitune(?= [a-z]))");

    /** Other programs that a sentence tells to run. */
    private static final Pattern OTHERS =
            Pattern.compile(
                    "(?:\\w+=\\S+ )?(?:mvn|docker|helm|kubectl|curl|python3?|pip|groff|tools/[\\w-]+) .+");

    private static final Pattern INLINE = Pattern.compile("`([^`]+)`");
    private static final Pattern BEHIND = Pattern.compile("[\\s.,;)]*<!--[^>]*-->");
    private static final String INDENT = "    ";
    private static final String FENCE = "```";

    private final Path page;
    private final List<String> lines;
    private final List<DocCommand> commands = new ArrayList<>();

    /** A paragraph, since inline code may go over a line's end, and where it begins. */
    private final StringBuilder paragraph = new StringBuilder();

    private int paragraphStart;
    private Optional<DocMark> pending = Optional.empty();

    private DocPage(Path page, List<String> lines) {
        this.page = page;
        this.lines = lines;
    }

    /** All commands of a page in their order. */
    static List<DocCommand> commands(Path page) throws IOException {
        var reader = new DocPage(page, Files.readAllLines(page));
        reader.read();
        return reader.commands;
    }

    private void read() {
        for (var i = 0; i < lines.size(); ) {
            var line = lines.get(i);
            if (line.startsWith(FENCE)) {
                i = readFence(i);
            } else if (line.startsWith(INDENT) && !line.isBlank()) {
                i = readBlockLine(i);
            } else if (line.isBlank()) {
                endParagraph();
                if (i > 0 && lines.get(i - 1).startsWith("|")) {
                    pending = Optional.empty(); // it was about that table
                }
                i++;
            } else if (DocMark.isAlone(line)) {
                endParagraph();
                pending = DocMark.find(i + 1, line);
                i++;
            } else {
                readText(i++, line);
            }
        }
        endParagraph();
    }

    private int readFence(int start) {
        var end = start + 1;
        while (!lines.get(end).startsWith(FENCE)) {
            end++;
        }
        var language = lines.get(start).substring(FENCE.length());
        if (language.equals("python")) {
            var program = String.join("\n", lines.subList(start + 1, end));
            var text = "python3 - <<'END'\n" + program + "\nEND";
            commands.add(new DocCommand(page, start + 1, text, List.of(), true, pending));
        } else if (language.isEmpty() || language.equals("sh")) {
            for (var i = start + 1; i < end; ) {
                i = readBlockLine(i);
            }
        }
        return end + 1;
    }

    private int readBlockLine(int start) {
        var joined = new StringBuilder(lines.get(start).strip());
        var i = start + 1;
        while (joined.toString().endsWith("\\") && i < lines.size()) {
            joined.setLength(joined.length() - 1);
            joined.append(lines.get(i++).strip());
        }
        var text = joined.toString();
        if (!text.isEmpty() && !text.startsWith("#")) {
            add(start, text, true, pending);
        }
        return i;
    }

    private void readText(int line, String text) {
        if (paragraph.isEmpty()) {
            paragraphStart = line;
        }
        paragraph.append(text).append('\n');
        if (text.startsWith("|")) {
            endParagraph();
        } else {
            pending = Optional.empty();
        }
    }

    private void endParagraph() {
        var row = paragraph.indexOf("|") == 0;
        var ofRow = DocMark.find(paragraphStart + 1, paragraph).or(() -> pending);
        var code = INLINE.matcher(paragraph);
        while (code.find()) {
            var text = code.group(1).replace('\n', ' ');
            var before = (int) paragraph.chars().limit(code.start()).filter(c -> c == '\n').count();
            var line = paragraphStart + before;
            if (BEGIN.matcher(text).find() || OTHERS.matcher(text).matches()) {
                add(line, text, false, row ? ofRow : markAfter(code.end(), line));
            }
        }
        paragraph.setLength(0);
    }

    /** A mark directly behind a command. */
    private Optional<DocMark> markAfter(int end, int line) {
        var rest = BEHIND.matcher(paragraph).region(end, paragraph.length());
        return rest.lookingAt() ? DocMark.find(line + 1, rest.group()) : Optional.empty();
    }

    private void add(int line, String text, boolean inBlock, Optional<DocMark> mark) {
        var begin = BEGIN.matcher(text);
        var found = false;
        while (begin.find()) {
            found = true;
            var words = ShellWords.of(text.substring(begin.end()));
            commands.add(new DocCommand(page, line + 1, text, words, inBlock, mark));
        }
        if (!found) {
            commands.add(new DocCommand(page, line + 1, text, List.of(), inBlock, mark));
        }
    }
}
