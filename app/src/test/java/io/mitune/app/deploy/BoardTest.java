package io.mitune.app.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The board asks only for metrics that the program has, from a source that is provisioned. */
class BoardTest {
    private static final Pattern METRIC = Pattern.compile("\\bmitune_[a-z_]+");
    private static final String BOARD = "docker/grafana/dashboards/mitune.json";

    @Test
    void metricsAreNamedAsPrometheusWants() throws IOException {
        for (var name : metrics(BOARD)) {
            assertTrue(name.matches("mitune(_[a-z]+)+"), name);
        }
        assertTrue(metrics(BOARD).size() >= 10);
    }

    /**
     * The list of metrics is written by hand beside the code; until it is there, nothing is known.
     */
    @Test
    void everyMetricIsInTheList() throws IOException {
        if (Files.exists(Yaml.ROOT.resolve("docs/metrics.md"))) {
            var known = metrics("docs/metrics.md");
            for (var file : new String[] {BOARD, "helm/mitune/values.yaml"}) {
                var unknown = new TreeSet<>(metrics(file));
                unknown.removeAll(known);
                assertEquals(Set.of(), unknown, file);
            }
        }
    }

    @Test
    void panelsHaveTheProvisionedSourceAndDoNotOverlap() throws IOException {
        var sources = Yaml.read("docker/grafana/provisioning/datasources/prometheus.yml");
        var uid = sources.at("/datasources/0/uid").asText();
        var board = new ObjectMapper().readTree(Yaml.ROOT.resolve(BOARD).toFile());
        var taken = new TreeSet<String>();
        for (var panel : board.path("panels")) {
            assertEquals(uid, panel.at("/datasource/uid").asText());
            var at = panel.path("gridPos");
            for (int x = 0; x < at.path("w").asInt(); x++) {
                for (int y = 0; y < at.path("h").asInt(); y++) {
                    var cell = (at.path("x").asInt() + x) + "," + (at.path("y").asInt() + y);
                    assertTrue(taken.add(cell), panel.path("title") + " overlaps at " + cell);
                }
            }
        }
    }

    @Test
    void prometheusScrapesEveryRoleOfTheComposeFile() throws IOException {
        var scrape = Yaml.read("docker/prometheus.yml").at("/scrape_configs/0");
        var names = new TreeSet<String>();
        scrape.at("/dns_sd_configs/0/names").forEach(name -> names.add(name.asText()));
        assertEquals(Set.of("curator", "dashboard", "trainer", "worker"), names);
        var services = Yaml.read("docker-compose.yml").path("services");
        for (var name : names) {
            assertEquals(
                    scrape.at("/dns_sd_configs/0/port").asText(),
                    services.path(name).at("/environment/MITUNE_METRICS_PORT").asText());
        }
    }

    private static Set<String> metrics(String file) throws IOException {
        var names = new TreeSet<String>();
        var found = METRIC.matcher(Files.readString(Yaml.ROOT.resolve(file)));
        while (found.find()) {
            names.add(found.group());
        }
        return names;
    }
}
