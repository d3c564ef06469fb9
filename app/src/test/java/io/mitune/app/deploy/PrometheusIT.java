package io.mitune.app.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.CommandLineRunner;
import io.mitune.app.CommandLines;
import io.mitune.app.FreePorts;
import io.mitune.app.TinyModel;
import io.mitune.app.web.HttpProbe;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What a real Prometheus makes of the roles, the board, the chart's scaling and the alerts. */
@EnabledIf(
        value = "hasPrometheus",
        disabledReason =
                "needs prometheus and promtool on the PATH; .ci/run installs Debian's package")
class PrometheusIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String TOKEN = "a-token-for-tests-only";
    private static final String RUN = "board";

    /** A count of processors, and not a histogram's. */
    private static final Set<String> NOT_AS_PROMTOOL_WANTS = Set.of("system_cpu_count");

    private final Map<String, Process> processes = new LinkedHashMap<>();
    private final Map<String, Integer> ports = new TreeMap<>();
    @TempDir private Path folder;
    private Connection connection;

    static boolean hasPrometheus() {
        return Prometheus.isInstalled();
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (var process : processes.values()) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void alertsFireWhenTheyShouldAndOnlyThen() throws Exception {
        var rules = copy(AlertsTest.FILE);
        Prometheus.promtool("check", "rules", rules).ok();
        Prometheus.promtool("test", "rules", copy(AlertsTest.TESTS)).ok();
    }

    @Test
    void theBoardTheScalingAndTheAlertsReadTheFiguresOfEveryRole() throws Exception {
        try (var stack = EmbeddedStack.temporary()) {
            connection =
                    new Connection(
                            stack.bootstrapServers(),
                            stack.schemaRegistryUrl(),
                            Topics.DEFAULT_PREFIX,
                            Map.of());
            CommandLineRunner.on(connection, "topics", "create").ok();
            startRoles();
            var config = config();
            Prometheus.promtool("check", "config", config).ok();
            try (var prometheus = new Prometheus(config, folder)) {
                produce(prometheus);
                checkTargets(prometheus);
                checkBoard(prometheus);
                checkScaling(prometheus);
                checkAlerts(prometheus);
                for (var role : ports.keySet()) {
                    checkMetrics(role);
                }
            }
        }
    }

    /** Makes each part of the stream do something, and waits until Prometheus has seen it. */
    private void produce(Prometheus prometheus) throws Exception {
        await(
                "ready roles",
                () -> prometheus.value("count(min by (role) (mitune_ready) == 1)") == 4);
        await("0 letters", () -> !prometheus.query("mitune_dead_letters_total == 0").isEmpty());
        publish("first", "the red cat\na blue dog\n");
        var candidates = "sum(mitune_candidates_total)";
        await("candidates", () -> prometheus.value(candidates) == 4);
        await("a version", () -> prometheus.value("max(mitune_adapter_version)") == 1);
        poison();
        publish("second", "a green bird\na red fish\n"); // to Prometheus, only now they rise
        await("more candidates", () -> prometheus.value(candidates) == 8);
        await("more samples", () -> prometheus.value("sum(mitune_curated_samples_total)") == 4);
        await("a dead letter", () -> prometheus.value("sum(mitune_dead_letters_total)") == 1);
    }

    private void checkTargets(Prometheus prometheus) {
        await("answers of all roles", () -> prometheus.value("sum(up{job=\"mitune\"})") == 4);
        assertEquals(4, prometheus.api("targets").at("/data/activeTargets").size());
        var busy = "max_over_time(mitune_trainer_busy[5m])";
        await("a busy trainer", () -> prometheus.value(busy) == 1);
        await("an idle trainer", () -> prometheus.value("mitune_trainer_busy") == 0);
    }

    private void checkBoard(Prometheus prometheus) throws IOException {
        var empty = new ArrayList<String>();
        for (var query : Board.queries()) {
            var samples = prometheus.query(query.expression());
            if (samples.isEmpty()) {
                empty.add(query.panel() + ": " + query.expression());
            }
            var legends = new HashSet<String>();
            for (var sample : samples) {
                var legend = query.legendOf(sample);
                assertTrue(legends.add(legend) && !legend.contains("{"), query + ": " + sample);
                double value = Prometheus.value(sample);
                boolean isShare = query.unit().equals("percentunit");
                assertTrue(value >= 0 && value < (isShare ? 1.01 : 1e6), query + ": " + sample);
            }
        }
        assertEquals(List.of(), empty);
        for (var rising :
                List.of("Candidates a second", "Curated samples a minute", "GPU busy, share")) {
            for (var query : Board.queries()) {
                if (query.panel().equals(rising)) {
                    var value = prometheus.query(query.expression()).get(0);
                    assertTrue(Prometheus.value(value) > 0, query + ": " + value);
                }
            }
        }
    }

    /** KEDA wants one value. */
    private void checkScaling(Prometheus prometheus) throws IOException {
        var query = Yaml.read("helm/mitune/values.yaml").at("/worker/autoscaling/query").asText();
        await("an empty queue", () -> prometheus.value(query) == 0);
    }

    private void checkAlerts(Prometheus prometheus) throws IOException {
        for (var alert : AlertsTest.alerts()) {
            prometheus.query(alert.path("expr").asText());
        }
        await("an alert", () -> !firing(prometheus).isEmpty());
        assertEquals(
                Map.of("MituneDeadLetters", "Dead letters of mitune.prompts"), firing(prometheus));
    }

    private static Map<String, String> firing(Prometheus prometheus) {
        return Yaml.children(prometheus.api("alerts").at("/data/alerts")).stream()
                .filter(alert -> alert.path("state").asText().equals("firing"))
                .collect(
                        Collectors.toMap(
                                alert -> alert.at("/labels/alertname").asText(),
                                alert -> alert.at("/annotations/summary").asText()));
    }

    private void checkMetrics(String role) throws Exception {
        var probe = new HttpProbe(ports.get(role));
        assertEquals(401, probe.get("/metrics").statusCode());
        var text = probe.get("/metrics", "Authorization", "Bearer " + TOKEN).body();
        var file = Files.writeString(folder.resolve(role + ".metrics"), text);
        var said = Prometheus.promtool(file, "check", "metrics").text();
        var complaints = new HashSet<String>();
        said.lines().map(line -> line.split(" ")[0]).forEach(complaints::add);
        assertEquals(NOT_AS_PROMTOOL_WANTS, complaints, said);
    }

    private void startRoles() throws IOException {
        Files.writeString(folder.resolve("token"), TOKEN);
        var prompts = Files.writeString(folder.resolve("validation.txt"), "the red cat\n");
        var blobs = folder.resolve("blobs");
        start("curator", "curate", "--promote-always", "--state-dir", folder.resolve("state"));
        start("worker", "worker", "--model", TinyModel.MODEL, "--blobs", blobs);
        var trainer = new ArrayList<Object>(List.of("train", "--model", TinyModel.MODEL));
        trainer.addAll(List.of("--blobs", blobs, "--run", RUN, "--validation-prompts", prompts));
        trainer.addAll(List.of("--num-validation-images", 1, "--num-inference-steps", 2));
        trainer.addAll(List.of("--steps", 3, "--gradient-accumulation-steps", 20));
        start("trainer", trainer.toArray());
        start("dashboard", "dashboard", "--http-port", 0, "--blobs", blobs);
    }

    private void start(String role, Object... words) throws IOException {
        ports.put(role, FreePorts.one());
        var line = new ArrayList<String>();
        line.add(ProcessHandle.current().info().command().orElseThrow());
        line.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
        line.addAll(List.of(System.getProperty("java.class.path"), CommandLines.MAIN));
        for (var word : words) {
            line.add(word.toString());
        }
        line.addAll(List.of("--metrics-port", "" + ports.get(role)));
        line.addAll(List.of("--metrics-token-file", folder.resolve("token").toString()));
        line.addAll(List.of("--bootstrap-server", connection.bootstrapServers()));
        line.addAll(List.of("--schema-registry-url", connection.schemaRegistryUrl()));
        var builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.redirectOutput(folder.resolve(role + ".log").toFile());
        builder.environment().put("OMP_NUM_THREADS", "1");
        processes.put(role, builder.start());
    }

    /** The compose file's configuration; addresses stand where it asks the name service. */
    private Path config() throws IOException {
        var config = (ObjectNode) Yaml.read("docker/prometheus.yml");
        var global = (ObjectNode) config.path("global");
        for (var name : List.of("scrape_interval", "scrape_timeout", "evaluation_interval")) {
            assertTrue(global.has(name), name);
            global.put(name, "1s");
        }
        config.withArray("rule_files").removeAll().add(copy(AlertsTest.FILE).toString());
        var job = (ObjectNode) config.at("/scrape_configs/0");
        ((ObjectNode) job.path("authorization"))
                .put("credentials_file", folder.resolve("token").toString());
        job.remove("dns_sd_configs");
        var targets = job.putArray("static_configs");
        ports.forEach(
                (role, port) -> {
                    var target = targets.addObject();
                    target.putArray("targets").add("127.0.0.1:" + port);
                    target.putObject("labels").put("__meta_dns_name", role);
                });
        var file = folder.resolve("prometheus.yml");
        new ObjectMapper().writeValue(file.toFile(), config); // JSON is YAML
        return file;
    }

    private Path copy(String file) throws IOException {
        var from = Yaml.ROOT.resolve(file);
        var to = folder.resolve(from.getFileName());
        return Files.write(to, Files.readAllBytes(from));
    }

    private void publish(String batch, String prompts) throws IOException {
        var file = Files.writeString(folder.resolve(batch + ".txt"), prompts);
        Object[] words = {
            "publish",
            "--prompts",
            file,
            "--run",
            RUN,
            "--batch",
            batch,
            "--candidates",
            2,
            "--num-inference-steps",
            2
        };
        CommandLineRunner.on(connection, words).ok();
    }

    private void poison() throws Exception {
        var bytes = new ByteArraySerializer();
        try (var producer = new KafkaProducer<>(connection.producerProperties(), bytes, bytes)) {
            var value = "no record".getBytes(StandardCharsets.UTF_8);
            producer.send(new ProducerRecord<>(connection.topics().prompts().name(), value)).get();
        }
    }

    private void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "waited for " + what + ": " + said());
            for (var role : processes.entrySet()) {
                assertTrue(role.getValue().isAlive(), () -> role.getKey() + " ended: " + said());
            }
            LockSupport.parkNanos(200_000_000);
        }
    }

    private String said() {
        var text = new StringBuilder();
        for (var role : processes.keySet()) {
            try {
                text.append(role).append(":\n");
                text.append(Files.readString(folder.resolve(role + ".log")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return text.toString();
    }
}
