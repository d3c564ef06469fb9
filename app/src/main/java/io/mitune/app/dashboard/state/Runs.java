package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.RunStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where each run stands, and what it may still spend. Not thread-safe. */
final class Runs {
    private static final int MAX_RUNS = 50;

    private final Map<String, RunSettings> settings = newest();
    private final Map<String, RunStatus> status = newest();

    void add(RunSettings run) {
        settings.put(Json.cut(run.getRun()), run);
    }

    void add(RunStatus run) {
        status.put(Json.cut(run.getRun()), run);
    }

    ArrayNode json() {
        var list = Json.array();
        status.forEach(
                (name, run) -> {
                    var object = list.insertObject(0).put("run", name);
                    put(object, run);
                    if (settings.containsKey(name)) {
                        put(object, settings.get(name));
                    }
                });
        return list;
    }

    private static void put(ObjectNode object, RunStatus s) {
        object.put("state", Json.cut(s.getState())).put("waits", Json.cut(s.getWaits()));
        object.put("round", s.getRound()).put("decidedRound", s.getDecidedRound());
        object.put("adapter", s.getAdapterVersion()).put("decision", Json.cut(s.getDecision()));
        object.put("samples", s.getSamples()).put("staleness", s.getStaleness());
        object.put("staleSamples", s.getStaleSamples()).put("samplesLeft", s.getSamplesLeft());
        object.put("updatedAt", s.getUpdatedAt().toEpochMilli());
        Json.put(object, "seconds", s.getSeconds());
        Json.put(object, "trainingSeconds", s.getTrainingSeconds());
        Json.put(object, "secondsLeft", orNone(s.getSecondsLeft()));
        Json.put(object, "eta", orNone(s.getEtaSeconds()));
    }

    private static void put(ObjectNode object, RunSettings s) {
        object.put("reason", Json.cut(s.getReason())).put("rounds", s.getRounds());
        object.put("maxStaleness", s.getMaxStaleness());
        if (s.getEndsAt() != null) {
            object.put("endsAt", s.getEndsAt().toEpochMilli());
        }
    }

    private static double orNone(Double value) {
        return value == null ? Double.NaN : value;
    }

    private static <V> Map<String, V> newest() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > MAX_RUNS;
            }
        };
    }
}
