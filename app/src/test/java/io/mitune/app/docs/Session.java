package io.mitune.app.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.FreePorts;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/**
 * What a reader of one page does: the commands in their order, in a folder, with what was exported.
 *
 * <p>A command that goes on until it is stopped becomes a process, waited for before the next
 * command and stopped at the end. The page works on the stream it is given until it starts its own:
 * {@code up} or {@code broker} makes a cluster, {@code topics create} a stream with a prefix of its
 * own. Belongs to one thread.
 */
final class Session {
    private static final Duration PATIENCE = Duration.ofMinutes(6);
    private static final Pattern TOLD = Pattern.compile("Ctrl-C stops");
    private static final Pattern ANYTHING = Pattern.compile("\\S");
    private static final Pattern UP =
            Pattern.compile(
                    "kafka at (\\S+), schema registry at (\\S+);(?s:.*)dashboard: http://(\\S+)");

    private final Checkout checkout;
    private final List<Background> running = new ArrayList<>();
    private final Set<String> trained = new LinkedHashSet<>();
    private final Map<String, String> ports = new LinkedHashMap<>();
    private final Map<String, List<String>> portOptions = new LinkedHashMap<>();
    private Place place;
    private String page;
    private boolean ownCluster;

    /**
     * @param folder that is made for it
     * @param place the stream to begin with
     * @param page where the live page of that stream is, HOST:PORT
     */
    Session(Path folder, Place place, String page) throws IOException {
        checkout = Checkout.in(folder);
        this.place = place;
        this.page = page;
        for (var port : List.of("9464", "9465", "9466", "9467")) {
            ports.put(port, FreePorts.one() + "");
        }
    }

    Place place() {
        return place;
    }

    String page() {
        return page;
    }

    void assertRuns() {
        running.forEach(Background::assertAlive);
    }

    /** Executes a mitune command. */
    void mitune(List<String> documented) throws Exception {
        writeScores(documented);
        if (Endless.is(documented)) {
            start(documented);
            return;
        }
        awaitAll();
        if (!ownCluster && String.join(" ", documented).startsWith("topics create")) {
            beginStream();
        }
        here(documented);
        if (documented.get(0).equals("publish")) {
            awaitOutcome();
        }
    }

    /** Executes {@code export NAME=VALUE ...}. */
    void export(List<String> assignments) {
        for (var assignment : assignments) {
            var parts = small().line(assignment).split("=", 2);
            assertTrue(
                    place.environment().containsKey(parts[0]),
                    parts[0] + ": expected a variable that the program reads");
            place = place.with(parts[0], parts[1]);
        }
    }

    /** Executes a line as a shell does. */
    void shell(String documented) throws Exception {
        awaitAll();
        var missing = Programs.missing(documented, this::exitCode);
        if (missing.isPresent()) {
            Assumptions.abort("needs what makes this work: " + missing.get());
        }
        var line = small().line(documented).replaceAll("(http://)?localhost:8080", page);
        line = line.replaceFirst("^curl", "curl --silent --show-error --fail-with-body");
        line = named(named(line, "/ID", "key"), "/NAME", "batch");
        if (Endless.is(line)) {
            line = line.replace("?follow", "?follow&from=beginning");
            begin("shell", List.of("bash", "-c", line), ANYTHING).awaitReady();
        } else {
            assertEquals(0, exitCode(line), line + "\n" + Files.readString(log("shell")));
        }
    }

    /** Stops what runs, the last started first, and leaves the folder for good. */
    void close() throws IOException, InterruptedException {
        stopAll();
        checkout.unlink();
    }

    private void stopAll() throws IOException, InterruptedException {
        try {
            while (!running.isEmpty()) {
                running.remove(running.size() - 1).stop();
            }
        } finally {
            running.forEach(Background::destroy);
        }
    }

    private void start(List<String> documented) throws Exception {
        var name = documented.get(0);
        if (!ownCluster && (name.equals("broker") || name.equals("registry"))) {
            beginCluster();
        }
        if (name.equals("train") || name.equals("up")) {
            trained.add(option(small().words(documented, place), "--run"));
        }
        var line = new ArrayList<String>(List.of("./mitune"));
        line.addAll(small().words(documented, place));
        var ready = name.equals("up") ? UP : Endless.tells(documented) ? TOLD : ANYTHING;
        var started = begin(name, line, ready);
        if (name.equals("up")) {
            var at = started.awaitReady();
            place = Place.of(at.group(1), at.group(2), checkout.resolve("mitune-data/blobs") + "");
            page = at.group(3);
            ownCluster = true;
        } else if (name.equals("survey") || name.equals("dashboard")) {
            Visitor.visit(started);
        }
    }

    private Background begin(String name, List<String> line, Pattern ready) throws IOException {
        var log = checkout.resolve(name + "-" + running.size() + ".log");
        var started = new Background(String.join(" ", line), builder(line), log, ready);
        running.add(started);
        return started;
    }

    private void beginCluster() throws IOException, InterruptedException {
        stopAll();
        var kafka = FreePorts.row(3);
        var controller = FreePorts.row(3);
        var registry = FreePorts.row(1);
        for (var i = 0; i < 3; i++) {
            ports.put("127.0.0.1:" + (9092 + i), "127.0.0.1:" + (kafka + i));
        }
        var ofBroker = List.of("--port", kafka + "", "--controller-port", controller + "");
        portOptions.put("broker", ofBroker);
        portOptions.put("registry", List.of("--port", registry + ""));
        place =
                Place.of(
                                "127.0.0.1:" + kafka,
                                "http://127.0.0.1:" + registry,
                                checkout.resolve("blobs") + "")
                        .withBrokers(3);
        trained.clear();
        ownCluster = true;
    }

    private void beginStream() throws IOException, InterruptedException {
        stopAll();
        var blobs = checkout.resolve("mitune-data/blobs").toString();
        place = place.with(Place.PREFIX, checkout.folder().getFileName() + ".");
        place = place.with(Place.BLOBS, blobs);
        trained.clear();
    }

    private void awaitAll() throws IOException {
        for (var process : running) {
            process.awaitReady();
        }
    }

    /**
     * Until what was published is curated, and every trainer here has a version that is decided.
     */
    private void awaitOutcome() {
        await(() -> here(List.of("tap", "curated")).lines().count() >= Checkout.PROMPTS);
        for (var run : trained) {
            var decided =
                    Pattern.compile("(?m)^" + run + " +1 +(rejected|in use|promoted|superseded)");
            await(() -> decided.matcher(here(List.of("adapters", "list"))).find());
        }
    }

    private interface Condition {
        boolean holds();
    }

    private void await(Condition condition) {
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < end, () -> "waited in vain: " + said());
            assertRuns();
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
    }

    private String said() {
        var text = new StringBuilder();
        running.forEach(process -> text.append(process).append('\n'));
        return text.toString();
    }

    private String here(List<String> documented) {
        var line = small().wordsHere(documented, place, checkout.folder());
        line.replaceAll(w -> w.endsWith("/ADAPTER") ? adapter() : w);
        return CommandLineRunner.run(line.toArray()).ok().out();
    }

    /** The file of the run's first version, as a reader finds it out. */
    private String adapter() {
        var path = "\"path\" : \"(adapters/[^\"]+)\"";
        return place.get(Place.BLOBS) + "/" + found(path, "adapters", "show", "default", "1");
    }

    /** With what some prompt has in that field in place of a word. */
    private String named(String line, String word, String field) {
        return line.contains(word)
                ? line.replace(
                        word,
                        "/" + found("\"" + field + "\":\"([0-9a-f]{16,32})\"", "tap", "prompts"))
                : line;
    }

    /** What a command prints at the group of a pattern. */
    private String found(String pattern, String... words) {
        var said = here(List.of(words));
        var found = Pattern.compile(pattern).matcher(said);
        assertTrue(found.find(), said);
        return found.group(1);
    }

    private void writeScores(List<String> documented) throws IOException {
        if (documented.contains("--join-hps")) {
            checkout.score(option(documented, "--album"), option(documented, "--join-hps"));
        }
    }

    private static String option(List<String> words, String name) {
        var at = words.indexOf(name);
        return at < 0 ? "default" : words.get(at + 1);
    }

    private SmallCommand small() {
        return new SmallCommand(SmallCommand.texts(place, ports), portOptions);
    }

    private int exitCode(String line) throws Exception {
        var process =
                builder(List.of("bash", "-o", "pipefail", "-c", line))
                        .redirectErrorStream(true)
                        .redirectOutput(log("shell").toFile())
                        .start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return process.waitFor();
    }

    private Path log(String name) {
        return checkout.resolve(name + ".log");
    }

    private ProcessBuilder builder(List<String> line) {
        var builder = new ProcessBuilder(line).directory(checkout.folder().toFile());
        builder.environment().putAll(place.environment());
        var path = checkout.resolve("bin") + File.pathSeparator + System.getenv("PATH");
        builder.environment().put("PATH", path);
        return builder;
    }
}
