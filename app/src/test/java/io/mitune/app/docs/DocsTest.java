package io.mitune.app.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLines;
import io.mitune.app.cli.OfficialNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;

/** Commands, links and named tests of the documentation exist; {@link DocsIT} runs commands. */
class DocsTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern PYTHON = Pattern.compile("(?m)(^ *|[`;&|] *)python [^ ]");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern TEST =
            Pattern.compile("`([A-Z]\\w*[a-z0-9](?:Test|IT|Properties))`");

    @Test
    void everyCommandIsUnderstood() throws IOException {
        var faults = new ArrayList<String>();
        var parsed = 0;
        var line = CommandLines.create();
        for (var page : Docs.markdown()) {
            for (var command : DocPage.commands(page)) {
                if (command.words().isEmpty()) {
                    continue; // another program
                }
                fault(line, command).ifPresent(f -> faults.add(command + ": " + f));
                parsed++;
            }
        }
        assertEquals(List.of(), faults);
        assertTrue(parsed > 100, "expected more than 100 commands, found " + parsed);
    }

    /** Debian and others have no program of the older name. */
    @Test
    void pythonIsCalledByItsFullName() throws IOException {
        for (var page : Docs.markdown()) {
            assertFalse(PYTHON.matcher(Files.readString(page)).find(), page.toString());
        }
    }

    @Test
    void whatIsNotExecutedSaysWhy() throws IOException {
        var faults = new ArrayList<String>();
        var reasons = new TreeSet<String>();
        for (var page : Docs.markdown()) {
            var marks = new HashSet<DocMark>();
            for (var command : DocPage.commands(page)) {
                if (command.mark().isPresent() && command.isMeantToRun()) {
                    var mark = command.mark().get();
                    marks.add(mark);
                    reasons.add(mark.reason());
                    notDoneBy(mark, command).ifPresent(f -> faults.add(command + ": " + f));
                }
            }
            if (marks.size() != DocMark.count(Files.readString(page))) {
                faults.add(page + ": a mark without a command, found those of " + marks);
            }
        }
        assertEquals(List.of(), faults);
        reasons.remove(""); // those that another test executes
        assertEquals(new TreeSet<>(DocMark.REASONS), reasons);
    }

    @Test
    void noCommandIsOverlooked() throws IOException {
        var names = String.join("|", CommandLines.create().getSubcommands().keySet());
        var begin =
                Pattern.compile(DocPage.BEGIN.pattern().replace("[a-z])", "(?:" + names + ")\\b)"));
        for (var page : Docs.markdown()) {
            var text = Files.readString(page).replaceAll("\\s+", " ");
            var found = DocPage.commands(page).stream();
            var commands = found.filter(c -> begin.matcher(c.text()).find()).toList();
            assertEquals(
                    begin.matcher(text).results().count(),
                    commands.size(),
                    page + ": commands outside of code, of those found: " + commands);
        }
    }

    @Test
    void linksLeadSomewhere() throws IOException {
        var faults = new ArrayList<String>();
        var checked = 0;
        for (var page : Docs.markdown()) {
            for (var link : LINK.matcher(Files.readString(page)).results().toList()) {
                var target = link.group(1);
                if (!target.matches("[a-z]+:.*")) {
                    checked++;
                    brokenLink(page, target).ifPresent(faults::add);
                }
            }
        }
        assertEquals(List.of(), faults);
        assertTrue(checked > 25, "expected more than 25 links, found " + checked);
    }

    @Test
    void testsThatTheReadmeNamesExist() throws IOException {
        var known = new TreeSet<String>();
        for (var file : Docs.files(".java")) {
            if (file.toString().contains("/src/test/")) {
                known.add(file.getFileName().toString().replace(".java", ""));
            }
        }
        var named = new TreeSet<String>();
        for (var page : Docs.markdown()) {
            TEST.matcher(Files.readString(page)).results().forEach(m -> named.add(m.group(1)));
        }
        assertTrue(named.size() > 30, "expected more than 30 tests by name, found " + named);
        named.removeAll(known);
        assertEquals(new TreeSet<>(), named);
    }

    @Test
    void wordsAreThoseOfAShell() {
        assertEquals(
                List.of("tap", "a", "--filter", "mi > 3 and c = 'd'", "#1"),
                ShellWords.of(" tap a --filter \"mi > 3 and c = 'd'\" '#1' | head # no"));
    }

    private static Optional<String> fault(CommandLine line, DocCommand command) {
        try {
            line.parseArgs(OfficialNames.toOurs(command.words().toArray(String[]::new)));
            return Optional.empty();
        } catch (MissingParameterException e) {
            return command.inBlock() ? Optional.of(e.getMessage()) : Optional.empty();
        } catch (ParameterException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** The test that is said to execute a command names it and its options; reasons are few. */
    private static Optional<String> notDoneBy(DocMark mark, DocCommand command) throws IOException {
        if (mark.test().isEmpty()) {
            return DocMark.REASONS.contains(mark.reason())
                    ? Optional.empty()
                    : Optional.of("expected one of " + DocMark.REASONS);
        }
        var name = mark.test() + ".java";
        var test = Docs.files(name).stream().filter(f -> f.endsWith(name)).findFirst();
        if (test.isEmpty()) {
            return Optional.of("expected a test of that name, found none");
        }
        var source = Files.readString(test.get());
        return command.words().stream()
                .filter(w -> w.equals(command.words().get(0)) || w.startsWith("--"))
                .filter(w -> !source.contains(w))
                .map(w -> "expected " + w + " in " + name + ", found none")
                .findFirst();
    }

    private static Optional<String> brokenLink(Path page, String target) throws IOException {
        var parts = target.split("#", 2);
        var file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        if (!Files.exists(file)) {
            return Optional.of(page + ": expected the target of " + target + ", found no file");
        }
        if (parts.length == 2 && file.toString().endsWith(".md")) {
            var headings = HEADING.matcher(Files.readString(file)).results();
            if (headings.noneMatch(h -> anchor(h.group(1)).equals(parts[1]))) {
                return Optional.of(page + ": expected a heading for " + target + ", found none");
            }
        }
        return Optional.empty();
    }

    /** As GitHub makes it of a heading. */
    private static String anchor(String heading) {
        return heading.toLowerCase().replaceAll("[^\\w\\- ]", "").replace(' ', '-');
    }
}
