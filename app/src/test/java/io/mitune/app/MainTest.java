package io.mitune.app;

import static io.mitune.app.CommandLineRunner.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MainTest {
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
}
