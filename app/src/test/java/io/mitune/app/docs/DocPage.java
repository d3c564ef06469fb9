package io.mitune.app.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Finds the command lines of a Markdown page: in blocks, indented or fenced, and in inline code.
 *
 * <p>A block is executed by a test when the comment {@code <!-- run -->} stands before it. A page
 * can be read again at any time; nothing is kept.
 */
final class DocPage {
    /** Where a command of ours begins; {@code ../mitune} is a link, helm installs a chart. */
    static final Pattern BEGIN =
            Pattern.compile(
                    "(?<![\\w./-])(?<!install )(?:\\./mitune(?![\\w./-])|mitune(?= [a-z]))");

    private static final Pattern MARK = Pattern.compile("<!-- run -->");
    private static final Pattern OTHERS = Pattern.compile("(curl|python) .*");
    private static final Pattern INLINE = Pattern.compile("`([^`]+)`");
    private static final String INDENT = "    ";

    private final Path page;
    private final List<DocCommand> commands = new ArrayList<>();

    private DocPage(Path page) {
        this.page = page;
    }

    /** All commands of a page in their order. */
    static List<DocCommand> commands(Path page) throws IOException {
        var reader = new DocPage(page);
        reader.read(Files.readAllLines(page));
        return reader.commands;
    }

    private void read(List<String> lines) {
        var fenced = false;
        var runs = false;
        var text = new StringBuilder(); // a paragraph, since inline code may go over a line's end
        var textStart = 0;
        for (var i = 0; i < lines.size(); i++) {
            var line = lines.get(i);
            if (line.equals("```python")) {
                var end = i + lines.subList(i, lines.size()).indexOf("```");
                var program = String.join("\n", lines.subList(i + 1, end));
                add(i, "python - <<'END'\n" + program + "\nEND", List.of(), true, runs);
                i = end;
            } else if (line.strip().startsWith("```")) {
                fenced = !fenced;
            } else if (fenced || line.startsWith(INDENT)) {
                var joined = new StringBuilder(line.strip());
                var start = i;
                while (joined.toString().endsWith("\\") && i + 1 < lines.size()) {
                    joined.setLength(joined.length() - 1);
                    joined.append(lines.get(++i).strip());
                }
                addBlockLine(start, joined.toString(), runs);
            } else if (MARK.matcher(line).find()) {
                runs = true;
            } else if (line.isBlank()) {
                addInline(textStart, text);
                textStart = i + 1;
            } else {
                runs = false;
                text.append(line).append('\n');
            }
        }
        addInline(textStart, text);
    }

    private void addBlockLine(int line, String text, boolean runs) {
        var begin = BEGIN.matcher(text);
        var found = false;
        while (begin.find()) {
            found = true;
            add(line, text, ShellWords.of(text.substring(begin.end())), true, runs);
        }
        if (!found && OTHERS.matcher(text).matches()) {
            add(line, text, List.of(), true, runs);
        }
    }

    private void addInline(int start, StringBuilder paragraph) {
        var code = INLINE.matcher(paragraph);
        while (code.find()) {
            var text = code.group(1).replace('\n', ' ');
            var line = (int) paragraph.substring(0, code.start()).lines().count() + start;
            var begin = BEGIN.matcher(text);
            while (begin.find()) {
                add(line, text, ShellWords.of(text.substring(begin.end())), false, false);
            }
        }
        paragraph.setLength(0);
    }

    private void add(int line, String text, List<String> words, boolean inBlock, boolean runs) {
        commands.add(new DocCommand(page, line + 1, text, words, inBlock, runs));
    }
}
