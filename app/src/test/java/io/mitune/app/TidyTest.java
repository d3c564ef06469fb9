package io.mitune.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules of style that a formatter does not know, over the sources of all modules. */
class TidyTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final int MAX_COLUMNS = 100;
    private static final int MAX_LINES = 450;

    /** Words are put together here, so that this file does not break its own rules. */
    private static final List<String> UNFINISHED = List.of("FIX" + "ME", "TO" + "DO", "XX" + "X");

    private static final String TEXT_BLOCK = "\"\"\"";

    private static final Pattern PUBLIC_TYPE =
            Pattern.compile(
                    "^public (?:(?:final|abstract|sealed|static|non-sealed) )*"
                            + "(?:class|record|interface|enum|@interface) (\\w+)");

    @Test
    void linesFitAndFilesStaySmall() throws IOException {
        check(
                javaFiles(),
                (file, lines) -> {
                    var faults = new ArrayList<String>();
                    var inText = false; // text blocks may be wide
                    for (var i = 0; i < lines.size(); i++) {
                        var line = lines.get(i);
                        inText ^= line.split(TEXT_BLOCK, -1).length % 2 == 0;
                        var isText = inText || line.strip().matches("([+] )?\".*");
                        if (line.length() > MAX_COLUMNS && !isText) {
                            faults.add(at(file, i) + "longer than " + MAX_COLUMNS + " columns");
                        }
                    }
                    if (lines.size() > MAX_LINES) {
                        faults.add(file + ": longer than " + MAX_LINES + " lines");
                    }
                    return faults;
                });
    }

    @Test
    void nothingIsLeftUnfinished() throws IOException {
        try (var scripts = tree("", ".py", ".sh", ".md", ".xml", ".yml", ".avsc")) {
            var all = Stream.concat(javaFiles().stream(), scripts).toList();
            check(all, (file, lines) -> containing(file, lines, UNFINISHED));
        }
    }

    @Test
    void onlyTheConsolePrints() throws IOException {
        var banned = List.of("System.out", "System.err", "printStackTrace()");
        var mains = javaFiles().stream().filter(f -> f.toString().contains("/src/main/"));
        check(
                mains.filter(f -> !f.toString().matches(".*(/benchmarks/.*|Main[.]java)")).toList(),
                (file, lines) -> containing(file, lines, banned));
    }

    @Test
    void testsWaitForThingsAndNotForTime() throws IOException {
        var banned = List.of("Thread.sleep(", "@Disabled", "assumeTrue(", "assumeFalse(");
        var tests = javaFiles().stream().filter(f -> f.toString().contains("/src/test/"));
        check(
                tests.filter(f -> !f.endsWith("TidyTest.java")).toList(),
                (file, lines) -> containing(file, lines, banned));
    }

    @Test
    void publicTypesSayWhatTheyAre() throws IOException {
        var mains = javaFiles().stream().filter(f -> f.toString().contains("/src/main/")).toList();
        check(
                mains,
                (file, lines) -> {
                    for (var i = 0; i < lines.size(); i++) {
                        if (PUBLIC_TYPE.matcher(lines.get(i)).find()) {
                            return isDocumented(lines, i)
                                    ? List.of()
                                    : List.of(at(file, i) + "expected javadoc above");
                        }
                    }
                    return List.of();
                });
    }

    private static boolean isDocumented(List<String> lines, int declaration) {
        for (var i = declaration - 1; i >= 0; i--) {
            var line = lines.get(i).strip();
            if (line.endsWith("*/")) {
                return true;
            }
            if (line.isEmpty() || line.endsWith(";")) {
                return false;
            }
        }
        return false;
    }

    private static List<String> containing(Path file, List<String> lines, List<String> banned) {
        var faults = new ArrayList<String>();
        for (var i = 0; i < lines.size(); i++) {
            for (var word : banned) {
                if (lines.get(i).contains(word)) {
                    faults.add(at(file, i) + "found " + word);
                }
            }
        }
        return faults;
    }

    private static void check(List<Path> files, BiFunction<Path, List<String>, List<String>> rule)
            throws IOException {
        var faults = new ArrayList<String>();
        for (var file : files) {
            faults.addAll(rule.apply(file, Files.readAllLines(file)));
        }
        assertTrue(files.size() > 10, "expected sources below " + ROOT + ", found " + files.size());
        assertEquals(List.of(), faults);
    }

    private static List<Path> javaFiles() throws IOException {
        try (var files = tree("src", ".java")) {
            return files.toList();
        }
    }

    /** Files of the project with one of these endings, without what the build makes. */
    private static Stream<Path> tree(String below, String... endings) throws IOException {
        var all = new ArrayList<Path>();
        try (var modules = Files.list(ROOT)) {
            for (var module : modules.sorted().toList()) {
                var name = module.getFileName().toString();
                if (name.startsWith(".") || name.equals("mitune-data")) {
                    continue;
                }
                var start = below.isEmpty() ? module : module.resolve(below);
                if (Files.isRegularFile(start)) {
                    all.add(start);
                } else if (Files.isDirectory(start)) {
                    try (var files = Files.walk(start)) {
                        files.filter(Files::isRegularFile).forEach(all::add);
                    }
                }
            }
        }
        return all.stream()
                .filter(f -> !f.toString().contains("/target/"))
                .filter(f -> Stream.of(endings).anyMatch(e -> f.toString().endsWith(e)));
    }

    private static String at(Path file, int line) {
        return ROOT.relativize(file) + ":" + (line + 1) + ": ";
    }
}
