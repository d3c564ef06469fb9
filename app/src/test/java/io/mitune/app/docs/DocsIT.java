package io.mitune.app.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Executes the commands in the blocks of the documentation that are marked, in their order, against
 * one {@code mitune up}: {@code curl} and Python too, where they are installed.
 */
class DocsIT {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int CURL_TIMED_OUT = 28; // how a stream without an end ends
    private static final int AT_LEAST = 40;

    @TempDir static Path folder;
    private static Process up;
    private static SmallCommand small;
    private static String dashboard;

    @BeforeAll
    static void start() throws IOException {
        var prompts = folder.resolve("prompts.txt");
        Files.writeString(prompts, "a red circle\na blue star and a red square\n");
        startUp(prompts);
        var kafka = Pattern.compile("kafka at (\\S+), schema registry at (\\S+);");
        var page = Pattern.compile("dashboard: (\\S+)");
        await(() -> page.matcher(said()).find());
        var at = kafka.matcher(said());
        assertTrue(at.find(), said());
        var places = new LinkedHashMap<String, String>();
        places.put("--bootstrap-server", at.group(1));
        places.put("--schema-registry-url", at.group(2));
        places.put("--blobs", folder.resolve("data/blobs").toString());
        small = new SmallCommand(prompts, folder, places);
        dashboard = page.matcher(said()).results().findFirst().orElseThrow().group(1);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        up.destroy();
        if (!up.waitFor(1, TimeUnit.MINUTES)) {
            up.destroyForcibly().waitFor();
        }
    }

    @TestFactory
    Stream<DynamicTest> markedCommandsWork() throws IOException {
        var marked = new ArrayList<DocCommand>();
        for (var page : Docs.pages()) {
            DocPage.commands(page).stream().filter(DocCommand::runs).forEach(marked::add);
        }
        assertTrue(marked.size() >= AT_LEAST, AT_LEAST + " commands or more: " + marked);
        return marked.stream().map(c -> DynamicTest.dynamicTest(c.toString(), () -> execute(c)));
    }

    private static void execute(DocCommand command) throws Exception {
        if (command.words().isEmpty()) {
            executeOther(command);
            return;
        }
        mitune(command.words());
        if (command.words().get(0).equals("publish")) {
            var decided = Pattern.compile("default +1 +(rejected|in use|promoted|superseded)");
            await(() -> decided.matcher(mitune(List.of("adapters", "list"))).find());
        }
    }

    private static String mitune(List<String> words) {
        return CommandLineRunner.run(small.of(words).toArray()).ok().out();
    }

    private static void executeOther(DocCommand command) throws Exception {
        var program = command.text().split(" ")[0];
        if (program.equals("python")) {
            program = Optional.ofNullable(System.getenv("MITUNE_PYTHON")).orElse("python3");
            if (shell(program + " -c 'import confluent_kafka.schema_registry.avro'") != 0) {
                Assumptions.abort("needs python3 with tools/python-client/requirements.txt");
            }
        } else if (shell("command -v " + program) != 0) {
            Assumptions.abort("needs " + program);
        }
        var text = command.text().replaceFirst("^python", program);
        var seconds = text.contains("?follow") ? 4 : 20;
        text = text.replaceFirst("^curl", "curl --fail-with-body --max-time " + seconds);
        text = text.replaceFirst("(http://)?localhost:8080", dashboard);
        text = text.replaceFirst("demo/prompts/\\w+[.]txt", small.prompts().toString());
        text = named(named(text, "/ID", "key"), "/NAME", "batch");
        var code = shell(text);
        if (!text.contains("?follow") || code != CURL_TIMED_OUT) {
            assertEquals(0, code, text + "\n" + Files.readString(folder.resolve("shell.log")));
        }
    }

    /** With what some prompt has there in place of a word. */
    private static String named(String text, String word, String field) {
        if (!text.contains(word)) {
            return text;
        }
        var prompts = mitune(List.of("tap", "prompts", "--max-messages", "1"));
        var value = Pattern.compile("\"" + field + "\":\"([\\w-]+)\"").matcher(prompts);
        assertTrue(value.find(), prompts);
        return text.replace(word, "/" + value.group(1));
    }

    private static int shell(String text) throws Exception {
        var builder = new ProcessBuilder("bash", "-c", text).directory(Docs.ROOT.toFile());
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("shell.log").toFile());
        var to = small.places();
        var names =
                Map.of(
                        "MITUNE_BOOTSTRAP_SERVER", to.get("--bootstrap-server"),
                        "MITUNE_SCHEMA_REGISTRY_URL", to.get("--schema-registry-url"));
        builder.environment().putAll(names);
        var process = builder.start();
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return process.waitFor();
    }

    private static void startUp(Path prompts) throws IOException {
        var line = new ArrayList<String>();
        line.add(ProcessHandle.current().info().command().orElseThrow());
        line.addAll(List.of("-Xmx768m", "-cp", System.getProperty("java.class.path")));
        line.addAll(List.of(CommandLines.MAIN, "up", "--data-dir", folder + "/data"));
        line.addAll(List.of("--port", "0", "--registry-port", "0", "--http-port", "0"));
        line.addAll(List.of("--model", Docs.ROOT.resolve("demo/model").toString()));
        line.addAll(List.of("--validation-prompts", prompts.toString()));
        line.addAll(List.of("--num-validation-images", "2", "--num-inference-steps", "2"));
        line.addAll(List.of("--steps", "2", "--rank", "2", "--train-batch-size", "2"));
        line.addAll(List.of("--gradient-accumulation-steps", "1"));
        var log = folder.resolve("up.log").toFile();
        up = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log).start();
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws IOException {
        var end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            assertTrue(up.isAlive() && System.nanoTime() < end, said());
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
    }

    private static String said() throws IOException {
        return Files.readString(folder.resolve("up.log"));
    }
}
