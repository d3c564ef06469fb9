package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.mitune.schemas.TrainingStep;
import java.util.LinkedHashMap;
import java.util.Map;

/** The curves of the runs that trained last. Not thread-safe. */
final class Training {
    private static final int MAX_RUNS = 8;

    private final Map<String, Series> runs =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Series> eldest) {
                    return size() > MAX_RUNS;
                }
            };

    void add(TrainingStep step) {
        runs.computeIfAbsent(Json.cut(step.getRun()), run -> new Series()).add(step);
    }

    /** The run that trained last comes first. */
    ArrayNode json() {
        var list = Json.array();
        runs.forEach((run, series) -> list.insert(0, series.json().put("run", run)));
        return list;
    }
}
