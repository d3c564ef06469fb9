package io.mitune.app.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The compose files say what the program understands and open nothing that they should not. */
class ComposeTest {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)(:?[-?])?");
    private static final Pattern MODULE = Pattern.compile("<module>([a-z0-9-]+)</module>");

    @Test
    void everyCommandIsOneOfTheProgram() throws IOException {
        for (var file : List.of("docker-compose.yml", "docker-compose.cpu.yml")) {
            var checked = 0;
            for (var service : services(file).entrySet()) {
                if (service.getValue().path("image").asText().startsWith("mitune:")
                        && service.getValue().has("command")) {
                    CommandWords.check(
                            file + " " + service.getKey(),
                            Yaml.words(service.getValue().get("command")));
                    checked++;
                }
            }
            assertTrue(checked >= 2, file + ": " + checked);
        }
    }

    /** Grace for the task and 30 s, as worker --help says. */
    @Test
    void aStoppedWorkerHasTimeToFinishItsTask() throws IOException {
        var period = services("docker-compose.yml").get("worker").get("stop_grace_period").asText();
        var grace = CommandWords.defaultOf("worker", "--finish-grace");
        assertEquals(Duration.parse(grace).plusSeconds(30), Duration.parse("PT" + period));
        var pod = Yaml.read("helm/mitune/values.yaml").at("/worker/terminationGracePeriodSeconds");
        assertEquals(Duration.parse(grace).plusSeconds(30), Duration.ofSeconds(pod.asInt()));
    }

    @Test
    void imagesHaveVersionsAndPortsAreOnLoopback() throws IOException {
        services("docker-compose.yml")
                .forEach(
                        (name, service) -> {
                            var image = service.path("image").asText();
                            assertTrue(
                                    image.matches("[a-z./-]+:[a-z0-9][a-z0-9.-]*"), name + image);
                            assertFalse(image.endsWith(":latest"), name);
                            for (var port : service.path("ports")) {
                                assertTrue(port.asText().startsWith("127.0.0.1:"), name + port);
                            }
                        });
    }

    /** Others can do no harm with it, and it sees what the roles see. */
    @Test
    void kafkaUiOnlyReadsAndComesOnlyWhenAskedFor() throws IOException {
        var services = services("docker-compose.yml");
        for (var service : services.entrySet()) {
            var asked = service.getValue().path("profiles");
            assertEquals(service.getKey().equals("kafka-ui"), !asked.isMissingNode());
        }
        var ui = services.get("kafka-ui");
        assertEquals("ui", ui.at("/profiles/0").asText());
        var environment = ui.get("environment");
        assertEquals("true", environment.get("KAFKA_CLUSTERS_0_READONLY").asText());
        assertEquals("false", environment.get("DYNAMIC_CONFIG_ENABLED").asText());
        assertEquals(
                "SchemaRegistry", environment.get("KAFKA_CLUSTERS_0_DEFAULTVALUESERDE").asText());
        var roles = Yaml.read("docker-compose.yml").at("/x-mitune/environment");
        assertEquals(
                roles.get("MITUNE_BOOTSTRAP_SERVER"),
                environment.get("KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS"));
        assertEquals(
                roles.get("MITUNE_SCHEMA_REGISTRY_URL"),
                environment.get("KAFKA_CLUSTERS_0_SCHEMAREGISTRY"));
        var ports = new TreeSet<String>();
        services.forEach(
                (name, service) ->
                        service.path("ports")
                                .forEach(port -> assertTrue(ports.add(port.asText()), "" + port)));
    }

    @Test
    void dependenciesVolumesSecretsAndFilesExist() throws IOException {
        var file = Yaml.read("docker-compose.yml");
        var names = services("docker-compose.yml").keySet();
        services("docker-compose.yml")
                .forEach(
                        (name, service) -> {
                            var needed = service.path("depends_on");
                            needed.fieldNames().forEachRemaining(n -> has(names, n, name));
                            if (needed.isArray()) {
                                needed.forEach(n -> has(names, n.asText(), name));
                            }
                            for (var secret : service.path("secrets")) {
                                assertTrue(file.at("/secrets").has(secret.asText()), name + secret);
                            }
                            for (var volume : service.path("volumes")) {
                                var source = volume.asText().replaceFirst("^\\$\\{\\w+:-", "");
                                source = source.replaceFirst("[}:].*", "");
                                assertTrue(
                                        source.startsWith("./")
                                                ? Files.exists(Yaml.ROOT.resolve(source))
                                                : file.at("/volumes").has(source),
                                        name + ": " + source);
                            }
                        });
        for (var name : services("docker-compose.cpu.yml").keySet()) {
            has(names, name, "docker-compose.cpu.yml");
        }
    }

    @Test
    void gpusAreReservedByWorkersAndTrainerAndByNobodyWithTheCpuFile() throws IOException {
        var reserving = new TreeSet<String>();
        services("docker-compose.yml")
                .forEach(
                        (name, service) -> {
                            var device = service.at("/deploy/resources/reservations/devices/0");
                            if (device.path("driver").asText().equals("nvidia")) {
                                assertEquals("gpu", device.at("/capabilities/0").asText());
                                reserving.add(name);
                            }
                        });
        assertEquals(Set.of("trainer", "worker"), reserving);
        var cpu = services("docker-compose.cpu.yml");
        for (var name : reserving) {
            assertTrue(cpu.get(name).has("deploy") && cpu.get(name).get("deploy").isNull(), name);
        }
    }

    @Test
    void everySecretComesFromTheEnvironmentAndTheDemoFileNamesAll() throws IOException {
        var text = Files.readString(Yaml.ROOT.resolve("docker-compose.yml"));
        var demo = new Properties();
        try (var in = Files.newBufferedReader(Yaml.ROOT.resolve("docker/demo.env"))) {
            demo.load(in);
        }
        var used = new TreeSet<String>();
        for (var found = VARIABLE.matcher(text); found.find(); ) {
            used.add(found.group(1));
        }
        for (var secret : Yaml.read("docker-compose.yml").path("secrets")) {
            used.add(secret.path("environment").asText());
        }
        assertEquals(new TreeSet<>(demo.stringPropertyNames()), used);
        demo.forEach((name, value) -> assertFalse(isSecret(name) && text.contains("" + value)));
        demo.forEach(
                (name, value) ->
                        assertTrue(
                                !isSecret(name) || ("" + value).contains("change-me"), "" + name));
    }

    /** Maven reads the pom of each, also of those that it does not build. */
    @Test
    void imagesAreBuiltFromEveryModule() throws IOException {
        var sent = Files.readAllLines(Yaml.ROOT.resolve(".dockerignore"));
        var modules = MODULE.matcher(Files.readString(Yaml.ROOT.resolve("pom.xml")));
        var checked = 0;
        for (; modules.find(); checked++) {
            var name = "!" + modules.group(1);
            assertTrue(sent.contains(name) || sent.contains(name + "/pom.xml"), name);
        }
        assertTrue(checked > 2, "" + checked);
    }

    private static boolean isSecret(Object name) {
        return name.toString().matches(".*(SECRET|TOKEN|PASSWORD).*");
    }

    private static void has(Set<String> names, String name, String where) {
        assertTrue(names.contains(name), where + ": no service " + name);
    }

    private static Map<String, JsonNode> services(String file) throws IOException {
        var all = new LinkedHashMap<String, JsonNode>();
        Yaml.read(file)
                .path("services")
                .properties()
                .forEach(e -> all.put(e.getKey(), e.getValue()));
        return all;
    }
}
