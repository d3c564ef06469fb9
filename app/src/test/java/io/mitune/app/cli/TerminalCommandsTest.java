package io.mitune.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TerminalCommandsTest {
    @TempDir Path folder;

    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        var script = folder.resolve("mitune.bash");
        Files.writeString(script, CommandLineRunner.run("completion", "bash").ok().out());
        assertEquals("", bash("bash -n " + script));
        assertEquals("tensorboard", complete(script, "mitune", "tens"));
        assertEquals("promote", complete(script, "mitune", "adapters", "prom"));
        assertEquals("--validation-prompts", complete(script, "mitune", "train", "--validation-p"));
    }

    @Test
    void zshGetsTheSameScriptWithItsEmulation() {
        var script = CommandLineRunner.run("completion", "zsh").ok().out();
        assertTrue(script.startsWith("autoload -Uz compinit bashcompinit"), script);
        assertTrue(script.contains("--validation-prompts"), script);
        var err = CommandLineRunner.run("completion", "fish").failedInOneLine();
        assertTrue(err.contains("fish"), err);
    }

    @Test
    void everyCommandHasAPageWithAllItsOptions() throws IOException {
        CommandLineRunner.run("man", "--output", folder).ok();
        check(CommandLines.create());
    }

    @Test
    void aPageIsPrintedToo() {
        var page = CommandLineRunner.run("man", "adapters", "list").ok().out();
        assertTrue(page.startsWith(".TH \"MITUNE\\-ADAPTERS\\-LIST\" \"1\""), page);
        var err = CommandLineRunner.run("man", "adapters", "lift").failedInOneLine();
        assertTrue(err.contains("expected a command, found adapters lift"), err);
    }

    @Test
    void noTextIsACommandToTroff() {
        assertEquals("\\&.TH \\ex \\-\\-y", ManPage.text(".TH \\x --y"));
        assertEquals("\\&'a b", ManPage.text("'a\nb"));
    }

    private void check(CommandLine line) throws IOException {
        var spec = line.getCommandSpec();
        var page = Files.readString(folder.resolve(spec.qualifiedName("-") + ".1"));
        for (var section : List.of("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS")) {
            assertTrue(page.contains("\n.SH " + section + "\n"), spec.name() + " " + section);
        }
        var head = page.lines().findFirst().orElseThrow();
        assertFalse(head.contains("VM"), head);
        for (var option : spec.options()) {
            var name = option.longestName().replace("-", "\\-");
            assertTrue(page.contains("\\fB" + name + "\\fR"), spec.name() + " " + name);
        }
        assertFalse(page.contains("${"), page);
        for (var below : line.getSubcommands().values()) {
            check(below);
        }
    }

    /** What bash offers for the last of these words. */
    private static String complete(Path script, String... words) throws Exception {
        return bash(
                "source %s; COMP_WORDS=(%s); COMP_CWORD=%d; _complete_mitune 2>/dev/null; echo ${COMPREPLY[@]}"
                        .formatted(script, String.join(" ", words), words.length - 1));
    }

    private static String bash(String command) throws Exception {
        var process = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES), command);
        return out.strip();
    }
}
