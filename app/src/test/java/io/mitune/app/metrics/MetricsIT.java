package io.mitune.app.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.CommandLineRunner;
import io.mitune.app.log.RecordSender;
import io.mitune.app.web.WebServer;
import io.mitune.app.web.WebSettings;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.Connection;
import io.mitune.schemas.DeadLetters;
import io.mitune.schemas.RunStatus;
import io.mitune.schemas.TrainingStep;
import io.mitune.streams.StreamsApp;
import io.mitune.streams.StreamsSettings;
import io.mitune.streams.planner.PlannerConfig;
import io.mitune.streams.planner.PlannerTopology;
import io.mitune.streams.planner.TaskSplit;
import io.mitune.workers.TrainerListener;
import io.mitune.workers.WorkerListener;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What monitoring sees, over HTTP, of a real planner and of what roles report. */
class MetricsIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Path TABLE = Path.of("../docs/metrics.md");
    private static EmbeddedStack stack;

    @TempDir Path folder;

    @BeforeAll
    static void start() {
        stack = EmbeddedStack.temporary();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void aRealTopologyIsWatched() throws Exception {
        var to = connection("watched.");
        mitune("watched.", "topics", "create");
        var settings = StreamsSettings.of(to, folder.resolve("streams"));
        var role = PlannerTopology.role(to, PlannerConfig.of(new TaskSplit(4, 4)));
        try (var metrics = new RoleMetrics();
                var server = serve(metrics, WebSettings.loopback(0));
                var planner = StreamsApp.start(role, settings)) {
            assertEquals(503, get(server, "/readyz").statusCode());
            metrics.topology("planner", planner);
            metrics.stream(to);
            await(() -> get(server, "/readyz").statusCode() == 200);
            assertEquals("ready planner\n", get(server, "/readyz").body());
            assertEquals(1, value(scrape(server), "mitune_ready{part=\"planner\"}"));
            assertEquals(200, get(server, "/healthz").statusCode());

            var file = folder.resolve("prompts.txt");
            Files.writeString(file, "a red star\na cat\n");
            mitune("watched.", "publish", "--prompts", file, "--candidates", 4);
            var consumed =
                    "mitune_topology_records_total{direction=\"consumed\",topic=\"watched.prompts\",topology=\"planner\"}";
            await(() -> value(scrape(server), consumed) == 2, () -> scrape(server));
            assertEquals(1, value(scrape(server), "mitune_topology_up{topology=\"planner\"}"));

            var letters = "mitune_dead_letters_total{topic=\"watched.candidates\"}";
            assertEquals(0, value(scrape(server), letters), "there before the first letter");
            sendDeadLetter(to);
            await(
                    () -> {
                        sendDeadLetter(to); // the tail may not have begun
                        return value(scrape(server), letters) > 0;
                    });
            for (var state : List.of("paused", "spent", "running")) {
                await(
                        () -> {
                            RecordSender.send(to, to.topics().runStatus(), "r", status(state));
                            var text = scrape(server);
                            return value(text, "mitune_run_paused{run=\"r\"}")
                                            == (state.equals("paused") ? 1 : 0)
                                    && value(text, "mitune_run_spent{run=\"r\"}")
                                            == (state.equals("spent") ? 1 : 0);
                        });
            }
            var lag = Pattern.compile("mitune_consumer_lag_records\\{.*planner.*prompts.*} 0.0");
            await(() -> lag.matcher(scrape(server)).find());
            var text = scrape(server);
            assertTrue(text.contains("jvm_memory_used_bytes"), text);
            metrics.health().broken(new IllegalStateException("lost"));
            assertEquals(503, get(server, "/healthz").statusCode());
            assertEquals(503, get(server, "/readyz").statusCode());
        }
    }

    @Test
    void workerAndTrainerReportWhatTheyDo() {
        try (var metrics = new RoleMetrics();
                var server = serve(metrics, WebSettings.loopback(0))) {
            var worker = metrics.worker(WorkerListener.NONE);
            worker.started("t", "a cat", 4);
            worker.renewed(true);
            worker.renewed(false);
            worker.buried("x.generation-tasks");
            for (int many = 0; many < 1000; many++) {
                worker.buried("topic-" + many); // label values are bounded
            }
            var trainer = metrics.trainer(TrainerListener.NONE);
            trainer.stepped(step(1, 8), 1, 10);
            trainer.stepped(step(2, 16), 2, 10);
            var text = scrape(server);
            assertEquals(1, value(text, "mitune_worker_busy"));
            assertEquals(1, value(text, "mitune_lock_renewals_total{result=\"lost\"}"));
            assertEquals(2, value(text, "mitune_training_steps_total{run=\"r\"}"));
            assertEquals(0.25, value(text, "mitune_training_loss{run=\"r\"}"));
            assertEquals(3, value(text, "mitune_staleness_versions{run=\"r\"}"));
            assertEquals(
                    3, value(text, "mitune_gpu_seconds_total{activity=\"training\",run=\"r\"}"));
            long topics =
                    text.lines().filter(l -> l.startsWith("mitune_tasks_buried_total{")).count();
            assertTrue(topics <= 202, topics + " label values");
        }
    }

    @Test
    void outagesAndWorkAreSeen() {
        try (var metrics = new RoleMetrics();
                var server = serve(metrics, WebSettings.loopback(0))) {
            var worker = metrics.worker(WorkerListener.NONE);
            metrics.health().starting("worker").run();
            assertEquals(0, value(scrape(server), "mitune_lock_renewals_total{result=\"lost\"}"));
            var blobs = "mitune_ready{part=\"blobs\"}";
            assertEquals(Double.NaN, value(scrape(server), blobs));
            worker.blobs(false);
            assertEquals(0, value(scrape(server), blobs));
            assertEquals("waits blobs\nready worker\n", get(server, "/readyz").body());
            worker.blobs(true);
            assertEquals(Double.NaN, value(scrape(server), blobs));
            assertEquals(1, value(scrape(server), "mitune_ready{part=\"worker\"}"));
            assertEquals(200, get(server, "/readyz").statusCode());

            var trainer = metrics.trainer(TrainerListener.NONE);
            for (var busy : List.of(false, true, false)) {
                trainer.working(busy);
                assertEquals(busy ? 1 : 0, value(scrape(server), "mitune_trainer_busy"));
            }
            assertTrue(value(scrape(server), "process_cpu_seconds_total") > 0);
        }
    }

    @Test
    void metricsNeedTheTokenAndProbesDoNot() throws Exception {
        var token = "0123456789abcdef";
        try (var metrics = new RoleMetrics();
                var server = serve(metrics, WebSettings.loopback(0).withToken(token))) {
            metrics.health().starting("worker").run();
            assertEquals(401, get(server, "/metrics").statusCode());
            assertEquals(200, get(server, "/readyz").statusCode());
            var request =
                    HttpRequest.newBuilder(URI.create(server.url() + "/metrics"))
                            .header("Authorization", "Bearer " + token)
                            .build();
            var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
            assertEquals(200, answer.statusCode());
        }
    }

    @Test
    void theTableOfMetricsIsComplete() throws Exception {
        var rows = Arrays.stream(Catalogue.values()).map(Catalogue::row).toList();
        var found =
                Files.readAllLines(TABLE).stream()
                        .takeWhile(line -> !line.startsWith("## "))
                        .filter(line -> line.startsWith("| `mitune_"))
                        .toList();
        assertEquals(String.join("\n", rows), String.join("\n", found));
    }

    @Test
    void whatTheDeploymentAsksForExists() throws Exception {
        var known =
                Arrays.stream(Catalogue.values())
                        .map(Catalogue::exported)
                        .collect(Collectors.toSet());
        var name = Pattern.compile("mitune_[a-z][a-z_]*[a-z]");
        var unknown = new ArrayList<String>();
        for (var folder : List.of("../docker", "../helm")) {
            try (var files = Files.walk(Path.of(folder))) {
                for (var file : files.filter(Files::isRegularFile).toList()) {
                    var matcher = name.matcher(Files.readString(file));
                    while (matcher.find()) {
                        if (!known.contains(matcher.group())) {
                            unknown.add(file + ": " + matcher.group());
                        }
                    }
                }
            }
        }
        assertEquals(List.of(), unknown);
    }

    private static RunStatus status(String state) {
        return RunStatus.newBuilder()
                .setRun("r")
                .setState(state)
                .setRound(1)
                .setDecidedRound(1)
                .setAdapterVersion(1)
                .setSeconds(1)
                .setSamples(1)
                .setUpdatedAt(Instant.EPOCH)
                .build();
    }

    private static TrainingStep step(int number, long samples) {
        return TrainingStep.newBuilder()
                .setRun("r")
                .setRound(1)
                .setStep(number)
                .setLoss(0.25)
                .setGradientNorm(1)
                .setLearningRate(1e-4)
                .setSamplesPerSecond(4)
                .setSamples(samples)
                .setSkippedSteps(0)
                .setStaleness(3)
                .setSeconds(1.5)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    private static void sendDeadLetter(Connection to) {
        var failed = new ConsumerRecord<>("watched.candidates", 0, 0, bytes("k"), bytes("v"));
        var bytes = new ByteArraySerializer();
        try (var producer = new KafkaProducer<>(to.producerProperties(), bytes, bytes)) {
            producer.send(DeadLetters.of(to.topics(), failed, "curator", "poison")).get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static WebServer serve(RoleMetrics metrics, WebSettings settings) {
        return WebServer.start(settings, List.of(new MetricsPart(metrics)));
    }

    private static String scrape(WebServer server) {
        var answer = get(server, "/metrics");
        assertEquals(200, answer.statusCode());
        return answer.body();
    }

    private static HttpResponse<String> get(WebServer server, String path) {
        try {
            var request = HttpRequest.newBuilder(URI.create(server.url() + path)).build();
            return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static double value(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    private static void await(BooleanSupplier condition) {
        await(condition, () -> "");
    }

    private static void await(BooleanSupplier condition, Supplier<String> found) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertFalse(System.nanoTime() > end, () -> "waited " + LIMIT + ": " + found.get());
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
    }

    private static Connection connection(String prefix) {
        return new Connection(
                stack.bootstrapServers(), stack.schemaRegistryUrl(), prefix, Map.of());
    }

    private static void mitune(String prefix, Object... words) {
        CommandLineRunner.on(connection(prefix), words).ok();
    }
}
