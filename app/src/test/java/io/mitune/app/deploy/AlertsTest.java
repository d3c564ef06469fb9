package io.mitune.app.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The alerts lead somewhere and have tests; that these pass, {@link PrometheusIT} shows. */
class AlertsTest {
    static final String FILE = "helm/mitune/alerts.yml";
    static final String TESTS = "app/src/test/resources/deploy/alerts-test.yml";

    static List<JsonNode> alerts() throws IOException {
        return Yaml.children(Yaml.read(FILE).at("/groups/0/rules"));
    }

    @Test
    void everyAlertSaysWhatToDoAndNamesASectionOfTheRunbook() throws IOException {
        var names = new TreeSet<String>();
        for (var alert : alerts()) {
            var name = alert.path("alert").asText();
            assertTrue(names.add(name) && name.matches("Mitune[A-Z]\\w+"), name);
            var severity = alert.at("/labels/severity").asText();
            assertTrue(List.of("critical", "warning").contains(severity), name);
            assertFalse(alert.at("/annotations/summary").asText().isBlank(), name);
            assertFalse(alert.at("/annotations/description").asText().isBlank(), name);
            var section = alert.at("/annotations/runbook").asText().split("#");
            assertEquals("docs/runbook.md", section[0], name);
            var titles = Files.readAllLines(Yaml.ROOT.resolve(section[0])).stream();
            assertTrue(
                    titles.filter(line -> line.startsWith("## "))
                            .map(line -> line.substring(3).toLowerCase().replace(' ', '-'))
                            .anyMatch(section[1]::equals),
                    name + ": " + section[1]);
        }
        assertTrue(names.size() >= 10, names.toString());
    }

    @Test
    void everyAlertHasATestInWhichItFiresAndOneInWhichItDoesNot() throws IOException {
        var tests = Yaml.children(Yaml.read(TESTS).path("tests"));
        var found = new TreeSet<String>();
        for (var test : tests) {
            var words = test.path("name").asText().split(" ");
            var query = test.at("/promql_expr_test/0");
            var expected = "ALERTS{alertname=\"" + words[0] + "\", alertstate=\"firing\"";
            assertEquals(expected + "}", query.path("expr").asText());
            boolean fires = query.at("/exp_samples/0/labels").asText().startsWith(expected);
            assertEquals(fires ? "fires" : "is", words[1], test.path("name").asText());
            found.add(words[0] + " " + fires);
        }
        var wanted = new TreeSet<String>();
        for (var alert : alerts()) {
            wanted.add(alert.path("alert").asText() + " true");
            wanted.add(alert.path("alert").asText() + " false");
        }
        assertEquals(wanted, found);
    }

    @Test
    void theComposeFileMountsThemWherePrometheusLooks() throws IOException {
        var rules = Yaml.read("docker/prometheus.yml").at("/rule_files/0").asText();
        var mounts = Yaml.read("docker-compose.yml").at("/services/prometheus/volumes");
        assertTrue(
                Yaml.children(mounts).stream()
                        .anyMatch(m -> m.asText().equals("./" + FILE + ":" + rules + ":ro")),
                mounts.toString());
    }
}
