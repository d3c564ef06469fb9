package io.mitune.app.roles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLineRunner.Result;
import io.mitune.app.Main;
import io.mitune.app.TinyModel;
import io.mitune.app.dashboard.DashboardParts;
import io.mitune.app.web.HttpProbe;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import io.mitune.schemas.blobs.BlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The roles as processes of their own, as in production: prompts in, a decided adapter out. */
class RolesIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TERMINATED = 128 + 15;
    private static final long PAUSE_NANOS = 50_000_000;

    private final EmbeddedStack stack = EmbeddedStack.temporary();
    private final List<Process> processes = new ArrayList<>();

    @TempDir Path folder;

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
        stack.close();
    }

    @Test
    void promptsBecomeAnAdapterAndRolesStopWhenTold() throws Exception {
        var prompts = folder.resolve("prompts.txt");
        Files.writeString(prompts, "the red cat\na blue dog\nthe cat\n");
        here("topics", "create").ok();
        here("run", "set", "r", "--rounds", 2, "--budget-samples", 100).ok();
        here(
                        "publish",
                        "--batch",
                        "cats",
                        "--prompts",
                        prompts,
                        "--run",
                        "r",
                        "--candidates",
                        3,
                        "--num-inference-steps",
                        3,
                        "--guidance-scale",
                        2)
                .ok();
        var curate = process("curate", "--state-dir", folder.resolve("state"));
        var worker =
                process("worker", "--model", TinyModel.MODEL, "--blobs", folder.resolve("blobs"));
        var train =
                process(
                        "train",
                        "--model",
                        TinyModel.MODEL,
                        "--blobs",
                        folder.resolve("blobs"),
                        "--run",
                        "r",
                        "--rounds",
                        2,
                        "--log-dir",
                        folder.resolve("curves"),
                        "--steps",
                        3,
                        "--rank",
                        2,
                        "--train-batch-size",
                        2,
                        "--gradient-accumulation-steps",
                        1,
                        "--checkpointing-steps",
                        2,
                        "--validation-prompts",
                        prompts,
                        "--num-validation-images",
                        2,
                        "--num-inference-steps",
                        3);
        assertEquals(0, exit(train), said(train));
        assertTrue(said(train).contains("is in use"), said(train));

        assertEquals(6, lossesIn(folder.resolve("curves/r")));

        // the second round followed by itself
        assertEquals(18, here("tap", "candidates").ok().out().lines().count());
        assertEquals(6, here("tap", "curated").ok().out().lines().count());
        assertEquals(6, here("tap", "prompts").ok().out().lines().count());
        awaitLine("state       done");
        assertBothRoundsOfTheBatchAreDone();
        awaitLine("left        82 candidates");
        trainingIsInTheBill();
        var adapters = here("adapters", "list").ok().out();
        assertTrue(adapters.matches("(?s).*\nr +1 +(promoted|rejected).*"), adapters);

        awaitProgress("curate 6/6 prompts, 0 open");
        for (var process : List.of(worker, curate)) {
            process.destroy();
            assertEquals(TERMINATED, exit(process), said(process));
            assertTrue(said(process).contains("Ctrl-C stops"), said(process));
        }
    }

    private void assertBothRoundsOfTheBatchAreDone() {
        var to =
                new Connection(
                        stack.bootstrapServers(),
                        stack.schemaRegistryUrl(),
                        Topics.DEFAULT_PREFIX,
                        Map.of());
        var parts = DashboardParts.of(to, BlobStore.at(folder.resolve("blobs")));
        try (var server = WebServer.start(WebSettings.loopback(0), parts)) {
            var http = new HttpProbe(server.port());
            var answer = http.get("/api/batches/cats");
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
            while (answer.statusCode() == 503) { // reads the log
                assertTrue(System.nanoTime() < end, answer.body());
                LockSupport.parkNanos(PAUSE_NANOS);
                answer = http.get("/api/batches/cats");
            }
            var rounds = HttpProbe.json(answer).get("rounds");
            assertEquals(List.of("done", "done"), rounds.findValuesAsText("state"));
            assertEquals(List.of("9", "9"), rounds.findValuesAsText("arrived"));
            assertEquals(List.of("3", "3"), rounds.findValuesAsText("handedOut"));
            assertEquals(List.of("3", "3"), rounds.findValuesAsText("curated"));
        }
    }

    /** What the trainer told of its steps is what the run's status adds up to. */
    private void trainingIsInTheBill() throws IOException {
        double steps = 0;
        for (var line : here("tap", "training-steps").ok().out().lines().toList()) {
            steps += JSON.readTree(line).at("/value/seconds").asDouble();
        }
        assertTrue(steps > 0, "device seconds of training");
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        var last = lastStatus();
        while (Math.abs(last.get("trainingSeconds").asDouble() - steps) > 1e-9) {
            assertTrue(System.nanoTime() < end, steps + " s: " + last);
            LockSupport.parkNanos(PAUSE_NANOS);
            last = lastStatus();
        }
        assertTrue(last.get("seconds").asDouble() > steps, last.toString());
        var shown = here("run", "show", "r").ok().out();
        assertTrue(shown.contains("GPU hours, 0.00"), shown);
    }

    private JsonNode lastStatus() throws IOException {
        var told = here("tap", "run-status").ok().out().lines().toList();
        return JSON.readTree(told.get(told.size() - 1)).get("value");
    }

    /** Steps in TensorBoard's event files: 3 of each round. */
    private static long lossesIn(Path curves) throws IOException {
        var file = curves.resolve("events.out.tfevents.0000000001.mitune");
        var text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        return Pattern.compile("train/loss").matcher(text).results().count();
    }

    private void awaitLine(String line) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        var shown = here("run", "show", "r").ok().out();
        while (!shown.contains(line)) {
            assertTrue(System.nanoTime() < end, shown);
            LockSupport.parkNanos(PAUSE_NANOS);
            shown = here("run", "show", "r").ok().out();
        }
    }

    private void awaitProgress(String line) throws IOException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        var log = folder.resolve("curate.log");
        while (!Files.readString(log).contains(line)) {
            assertTrue(System.nanoTime() < end, Files.readString(log));
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private Result here(Object... words) {
        return CommandLineRunner.run(connected(words).toArray());
    }

    private Process process(Object... words) throws IOException {
        var line = new ArrayList<String>();
        line.add(ProcessHandle.current().info().command().orElseThrow());
        line.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
        line.add(Main.class.getName());
        connected(words).forEach(word -> line.add(word.toString()));
        var log = folder.resolve(words[0] + ".log").toFile();
        var process =
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log).start();
        processes.add(process);
        return process;
    }

    private List<Object> connected(Object... words) {
        var all = new ArrayList<Object>(List.of(words));
        all.addAll(List.of("--bootstrap-server", stack.bootstrapServers()));
        all.addAll(List.of("--schema-registry-url", stack.schemaRegistryUrl()));
        return all;
    }

    private int exit(Process process) throws InterruptedException, IOException {
        assertTrue(process.waitFor(4, TimeUnit.MINUTES), said(process));
        return process.exitValue();
    }

    /** What all processes said, since the cause of a wait is often another's fault. */
    private String said(Process process) throws IOException {
        var text = new StringBuilder("process " + processes.indexOf(process) + "\n");
        for (var name : List.of("curate.log", "worker.log", "train.log")) {
            var log = folder.resolve(name);
            text.append(name).append(":\n").append(Files.exists(log) ? Files.readString(log) : "");
        }
        return text.toString();
    }
}
