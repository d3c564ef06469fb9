package io.mitune.app;

import static io.mitune.app.CommandLineRunner.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

class MainTest {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{env:([A-Z_]+):");

    @Test
    void helpAndVersionGoToStandardOutput() {
        assertTrue(run("--help").ok().out().startsWith("Usage: mitune"));
        assertTrue(run("--version").ok().out().startsWith("mitune "));
    }

    @Test
    void everyCommandHasHelpAndStandsInTheGroupsOfTheMainHelp() {
        var help = run("--help").ok().out();
        assertTrue(!help.contains("Other:"), help);
        for (var name : Main.commandLine().getSubcommands().keySet()) {
            assertTrue(help.contains("\n  " + name), name);
            assertTrue(run(name, "--help").ok().out().contains("Usage: mitune " + name), name);
        }
    }

    @Test
    void mistypedOptionsAndCommandsAreToldInOneLine() {
        assertTrue(run("--bogus").failedInOneLine().contains("--bogus"));
        assertTrue(run("bogus").failedInOneLine().contains("bogus"));
        assertTrue(run().failedInOneLine().contains("expected a command"));
        assertEquals(2, run("bogus").code());
    }

    @Test
    void aWrongCommandLineIsToldInTheWordsOfAllErrors() {
        assertTells("nonsense", "mitune: expected a command or option of this command, found");
        assertTells("publsh", "found publsh; did you mean publish; see mitune --help");
        assertTells("publish", "publish: expected --prompt or --prompts, found none");
        assertTells("topics acl --role worker", "acl: expected --principal, found none; see");
        assertTells("tap", "tap: expected TOPIC, found none; see mitune tap --help");
        assertTells("tap a --max-messages x", "--max-messages: expected a whole number, found x");
        assertTells("up --snr-gamma x", "up: --snr-gamma: expected a number, found x; see");
        assertTells("blobs gc --unkept-older-than 30", "than: expected a duration such as P30D");
        assertTells("completion fish", "bash|zsh: expected one of bash, zsh, found fish; see");
        assertTells("status --topic-prefix a --topic-prefix b", "expected it once, found it again");
        assertTrue(!run("nonsense").failedInOneLine().contains("did you mean"));
    }

    @Test
    void aDeviceThatIsNotThereIsToldInOneLine() {
        for (var option : new String[] {"--device", "--devices"}) {
            var line =
                    "generate --model ../demo/model --output target/none --prompt a "
                            + option
                            + " gpu:99";
            assertTells(line, "mitune generate: " + option + ": expected ");
            assertTells(line, ", found gpu:99");
        }
    }

    @Test
    void everyOptionAndParameterIsDescribed() {
        assertDescribed(Main.commandLine());
    }

    @Test
    void whatAllCommandsHaveStandsBehindWhatTheCommandDoes() {
        var help = run("export", "--help").ok().out();
        var synopsis = help.substring(0, help.indexOf("Write the curated"));
        var order =
                List.of(
                        "[--run=NAME]",
                        "--format=FORMAT ",
                        "\nWhere the stream is:\n",
                        "--bootstrap-server=HOST:PORT",
                        "MITUNE_BOOTSTRAP_SERVER",
                        "\nLog and help:\n",
                        "--help",
                        "--quiet");
        int at = 0;
        for (var part : order) {
            int next = help.indexOf(part, at);
            assertTrue(next >= at, part + " behind " + at + " in " + help);
            at = next;
        }
        assertFalse(synopsis.matches("(?s).*--(kafka|log-level|help|blobs).*"), synopsis);
    }

    @Test
    void evaluateSaysThatAnAlbumNeedsNoModel() {
        var help = run("evaluate", "--help").ok().out();
        var synopsis = help.substring(0, help.indexOf("Measure alignment"));
        assertTrue(synopsis.contains("mitune evaluate --album=[NAME=]DIR... [OPTIONS]"), help);
        assertTrue(synopsis.lines().noneMatch(l -> l.contains("--album") && l.contains("--model")));
        var page = run("man", "evaluate").ok().out();
        assertTrue(page.contains("\n.br\nmitune evaluate \\-\\-album=[NAME=]DIR"), page);
    }

    /** A variable that sets an option is named where the option is described. */
    private static void assertNamesEnvironment(ArgSpec arg, String what) {
        if (!(arg.userObject() instanceof Field field)) {
            return;
        }
        var option = field.getAnnotation(CommandLine.Option.class);
        var variable = option == null ? null : VARIABLE.matcher(option.defaultValue());
        if (variable != null && variable.find()) {
            var text = String.join(" ", arg.description());
            assertTrue(text.contains("environment " + variable.group(1)), what + ": " + text);
        }
    }

    private static void assertDescribed(CommandLine line) {
        var spec = line.getCommandSpec();
        for (var arg : spec.args()) {
            var text = String.join(" ", arg.description());
            var what = spec.qualifiedName(" ") + " " + arg;
            assertTrue(!text.isBlank() && !text.startsWith("("), what + ": " + text);
            assertTrue(text.matches("(?s).*[.?]"), what + ": " + text);
            assertNamesEnvironment(arg, what);
        }
        line.getSubcommands().values().forEach(MainTest::assertDescribed);
    }

    private static void assertTells(String line, String expected) {
        var told = run((Object[]) line.split(" ")).failedInOneLine();
        assertTrue(told.contains(expected), told);
    }
}
