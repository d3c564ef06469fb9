package io.mitune.app.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What the Grafana board asks for. */
final class Board {
    static final String FILE = "docker/grafana/dashboards/mitune.json";
    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

    private Board() {}

    /**
     * One line of a panel.
     *
     * @param legend labels stand in double braces
     */
    record Query(String panel, String unit, String expression, String legend) {
        /** The legend of a sample; a label that it lacks shows as itself, in braces. */
        String legendOf(JsonNode sample) {
            return PLACE.matcher(legend)
                    .replaceAll(
                            m -> sample.at("/metric/" + m.group(1)).asText("{" + m.group() + "}"));
        }
    }

    static JsonNode read() throws IOException {
        return new ObjectMapper().readTree(Yaml.ROOT.resolve(FILE).toFile());
    }

    static List<Query> queries() throws IOException {
        var all = new ArrayList<Query>();
        for (var panel : read().path("panels")) {
            for (var target : panel.path("targets")) {
                all.add(
                        new Query(
                                panel.path("title").asText(),
                                panel.at("/fieldConfig/defaults/unit").asText(),
                                target.path("expr").asText(),
                                target.path("legendFormat").asText()));
            }
        }
        return all;
    }
}
