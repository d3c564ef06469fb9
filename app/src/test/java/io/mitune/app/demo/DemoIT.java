package io.mitune.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.cli.Console;
import io.mitune.app.log.RecordSender;
import io.mitune.app.run.RunBook;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.producers.TopicCreation;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Evaluation;
import io.mitune.schemas.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole demo on real Kafka and the real demo model, with few prompts and steps. */
class DemoIT {
    private static final Pattern ADDED = Pattern.compile("(\\d+) of 3 prompts added");

    @TempDir private Path folder;

    @BeforeAll
    static void tellWhereTheProjectIs() {
        System.setProperty("mitune.home", "..");
    }

    @Test
    void trainsTestsReportsAndGoesOnWithTheNextRound() throws IOException {
        var first = CommandLineRunner.run(arguments("data", "--control")).ok();
        assertTrue(first.err().contains("3 of 3 prompts added"), first.err());
        assertTrue(first.out().contains("MI-TUNE - base"), first.out());
        assertTrue(first.out().contains("random - base"), first.out());
        assertTrue(first.err().contains("demo: version"), first.err());
        assertTrue(first.err().contains("demo-random: version"), first.err());
        var page = Files.readString(folder.resolve("data/report.html"));
        assertTrue(page.contains("a red circle"), "a prompt is on the page");
        assertTrue(page.contains("data:image/png;base64,"), "pictures are on the page");
        assertFalse(page.contains("http://"), "the page loads nothing");

        var second = CommandLineRunner.run(arguments("data", "--control")).ok();
        assertTrue(second.err().contains("round 2: "), second.err());

        var alone = CommandLineRunner.run(arguments("data")).ok();
        assertTrue(alone.err().contains("round 3: "), alone.err());
        var uneven = CommandLineRunner.run(arguments("data", "--control"));
        assertEquals(1, uneven.code(), uneven.err());
        assertTrue(uneven.err().contains("choose another --data-dir"), uneven.err());
    }

    @Test
    void aKilledDemoGoesOnWhereItWas() throws Exception {
        var started = child();
        try (var err = started.errorReader()) {
            var line = err.readLine();
            while (line != null && !line.contains("prompts added")) {
                line = err.readLine();
            }
            assertTrue(line != null, "the demo published before it ended");
        } finally {
            started.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
        }
        var resumed = CommandLineRunner.run(arguments("killed")).ok();
        var added = ADDED.matcher(resumed.err());
        assertTrue(added.find(), resumed.err());
        assertEquals("0", added.group(1), resumed.err());
        assertTrue(resumed.err().contains("round 1: "), resumed.err());
        assertTrue(resumed.err().contains("candidates 9/9"), resumed.err());
    }

    /**
     * The base model's validation is written beforehand: very diverse, and hardly sure of itself.
     */
    @Test
    void theGuardAgainstCollapseStopsTheRounds() throws IOException {
        try (var stack = EmbeddedStack.in(folder.resolve("guarded"))) {
            var connection = withTopics(stack);
            RecordSender.send(connection, connection.topics().evaluations(), "demo", base());
        }
        var stopped = CommandLineRunner.run(arguments("guarded", "--rounds", "2")).ok();
        assertTrue(stopped.err().contains("demo: version 0 in use: "), stopped.err());
        assertTrue(stopped.err().contains("collapse: since version 0"), stopped.err());
        assertTrue(stopped.err().contains("stopped by the guard"), stopped.err());
        assertFalse(stopped.err().contains("round 2: "), stopped.err());
        assertTrue(stopped.out().contains("report: "), stopped.out());

        var refused = CommandLineRunner.run(arguments("guarded"));
        assertEquals(1, refused.code(), refused.err());
        assertTrue(
                refused.err()
                        .contains("mitune demo: run demo: expected one that goes on, found it"),
                refused.err());
        var unguarded = CommandLineRunner.run(arguments("guarded", "--no-guard")).ok();
        assertTrue(unguarded.err().contains("round 2: run demo, round 2"), unguarded.err());
        assertTrue(unguarded.err().contains("demo: version 2 in use: "), unguarded.err());
    }

    @Test
    void theGuardIsOffForAsLongAsItIsNotWanted() {
        try (var stack = EmbeddedStack.in(folder.resolve("switched"))) {
            var connection = withTopics(stack);
            var out = new PrintWriter(new StringWriter());
            var console = new Console(out, out, false, 80);
            var guard = new DemoGuard(connection, List.of("demo"), console);
            guard.begin(true);
            int usual = guardVersions(connection);
            assertTrue(usual > 0);
            guard.begin(false);
            assertEquals(0, guardVersions(connection));
            guard.begin(true);
            assertEquals(usual, guardVersions(connection));
            var own = RunBook.read(connection, line -> {});
            var changed = own.change("demo", s -> s.setGuardVersions(usual + 1));
            RunBook.send(connection, changed.orElseThrow());
            guard.begin(true);
            assertEquals(usual + 1, guardVersions(connection), "set by hand");
        }
    }

    private static Connection withTopics(EmbeddedStack stack) {
        var connection =
                new Connection(
                        stack.bootstrapServers(),
                        stack.schemaRegistryUrl(),
                        Topics.DEFAULT_PREFIX,
                        Map.of());
        try (var topics = new TopicCreation(connection)) {
            topics.ensure(Optional.empty());
        }
        return connection;
    }

    private static int guardVersions(Connection connection) {
        return RunBook.read(connection, line -> {})
                .settings("demo")
                .orElseThrow()
                .getGuardVersions();
    }

    private static Evaluation base() {
        return Evaluation.newBuilder()
                .setRun("demo")
                .setVersion(0)
                .setRound(0)
                .setImages(12)
                .setPromptMi(List.of(0.1, 0.1, 0.1))
                .setMeanMi(0.1)
                .setStandardErrorMi(0)
                .setFinite(true)
                .setAdapterNorm(0)
                .setDiversity(1.9)
                .setModelDigest("")
                .setWorker("test")
                .setSeconds(1)
                .setCreatedAt(Instant.now())
                .build();
    }

    @Test
    void badOptionsAreOneLine() throws IOException {
        var line = CommandLineRunner.run("demo", "--rounds", 0).failedInOneLine();
        assertTrue(line.contains("--rounds: expected 1 or more, found 0"), line);
        var empty = Files.writeString(folder.resolve("empty.txt"), "\n");
        line = CommandLineRunner.run("demo", "--prompts", empty).failedInOneLine();
        assertTrue(line.contains("empty.txt"), line);
    }

    private Process child() throws IOException {
        var java = ProcessHandle.current().info().command().orElse("java");
        var command =
                new ArrayList<>(
                        List.of(
                                java,
                                "-Xmx1g",
                                "-Dmitune.home=..",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "io.mitune.app.Main"));
        Stream.of(arguments("killed")).map(Object::toString).forEach(command::add);
        return new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    private Object[] arguments(String data, String... more) throws IOException {
        var prompts =
                Files.writeString(
                        folder.resolve("prompts.txt"),
                        "a red circle\na blue square and a red ring\ntwo green stars\n");
        var arguments =
                new ArrayList<Object>(
                        List.of(
                                "demo",
                                "--data-dir",
                                folder.resolve(data),
                                "--prompts",
                                prompts,
                                "--validation-prompts",
                                prompts,
                                "--test-prompts",
                                prompts,
                                "--candidates",
                                3,
                                "--steps",
                                3,
                                "--num-inference-steps",
                                6,
                                "--test-images",
                                2));
        arguments.addAll(List.of(more));
        return arguments.toArray();
    }
}
