package io.mitune.app.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The board asks only for metrics that the program has, from a source that is provisioned. */
class BoardTest {
    private static final String ONCE = "max( by \\([a-z, ]+\\) | ?)\\(((increase|rate)\\()?%s\\b";
    private static final Pattern METRIC = Pattern.compile("\\bmitune_[a-z_]+");

    @Test
    void metricsAreNamedAsPrometheusWants() throws IOException {
        for (var name : metrics(Board.FILE)) {
            assertTrue(name.matches("mitune(_[a-z]+)+"), name);
        }
        assertTrue(metrics(Board.FILE).size() >= 10);
    }

    @Test
    void everyMetricIsInTheList() throws IOException {
        var known = metrics("docs/metrics.md");
        for (var file : List.of(Board.FILE, AlertsTest.FILE, "helm/mitune/values.yaml")) {
            var unknown = new TreeSet<>(metrics(file));
            unknown.removeAll(known);
            assertEquals(Set.of(), unknown, file);
        }
    }

    /** Several curators show the same figures, so adding them up would count them twice. */
    @Test
    void whatEveryCuratorShowsIsTakenOnce() throws IOException {
        var expressions = new ArrayList<String>();
        Board.queries().forEach(query -> expressions.add(query.expression()));
        AlertsTest.alerts().forEach(alert -> expressions.add(alert.path("expr").asText()));
        var values = Yaml.read("helm/mitune/values.yaml");
        expressions.add(values.at("/worker/autoscaling/query").asText());
        int checked = 0;
        for (var row : Files.readAllLines(Yaml.ROOT.resolve("docs/metrics.md"))) {
            var columns = row.split(" *\\| *");
            boolean isShared =
                    columns.length > 4
                            && columns[4].equals("curator")
                            && !columns[1].contains("topology_records");
            var name = isShared ? columns[1].replace("`", "") : "";
            for (var expression : isShared ? expressions : List.<String>of()) {
                var once = expression.replaceAll(ONCE.formatted(name), "");
                assertFalse(once.contains(name), expression);
                checked += once.equals(expression) ? 0 : 1;
            }
        }
        assertTrue(checked >= 10, "" + checked);
    }

    @Test
    void panelsHaveTheProvisionedSourceAndDoNotOverlap() throws IOException {
        var sources = Yaml.read("docker/grafana/provisioning/datasources/prometheus.yml");
        var uid = sources.at("/datasources/0/uid").asText();
        var taken = new TreeSet<String>();
        for (var panel : Board.read().path("panels")) {
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
