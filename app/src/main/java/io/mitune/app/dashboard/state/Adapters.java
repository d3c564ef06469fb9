package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Evaluation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The versions of each run, what became of them and how they were judged.
 *
 * <p>The pictures of an evaluation are one sheet, with the same prompts and seeds for every
 * version, so that two sheets laid over each other show what the adapter did. Not thread-safe.
 */
final class Adapters {
    private static final int MAX_RUNS = 100;
    private static final int MAX_VERSIONS = 200;

    /** An evaluation and its sheet's hash, or null. */
    private record Judged(Evaluation evaluation, Sha256 sheet) {}

    private static final class Run {
        private final TreeMap<Integer, AdapterEvent> versions = new TreeMap<>();
        private final TreeMap<Integer, Judged> judged = new TreeMap<>();
        private int inUse = -1;
        private int decidedRound;
        private String reason = "";
    }

    private final TreeMap<String, Run> runs = new TreeMap<>();

    void history(AdapterEvent event) {
        if (event.getStatus().endsWith("-requested")) {
            return; // a wish, not a state
        }
        var versions = run(event.getRun()).versions;
        versions.put(event.getVersion(), slim(event));
        if (versions.size() > MAX_VERSIONS) {
            versions.pollFirstEntry();
        }
    }

    void current(AdapterEvent event) {
        var run = run(event.getRun());
        run.inUse = event.getVersion();
        run.decidedRound = event.getRound();
        run.reason = Json.cut(event.getReason());
    }

    void evaluation(Evaluation evaluation, Optional<Sha256> sheet) {
        var judged = run(evaluation.getRun()).judged;
        judged.put(evaluation.getVersion(), new Judged(evaluation, sheet.orElse(null)));
        if (judged.size() > MAX_VERSIONS) {
            judged.remove(judged.higherKey(0)); // the base model's stays: all are compared with it
        }
    }

    /** Whether this version was ever heard of; the base model always was. */
    boolean knows(String run, int version) {
        return runs.containsKey(run)
                && (version == 0 || runs.get(run).versions.containsKey(version));
    }

    ArrayNode json() {
        var list = Json.array();
        runs.forEach(
                (name, run) -> {
                    var object = list.addObject().put("run", name).put("inUse", run.inUse);
                    object.put("decidedRound", run.decidedRound).put("reason", run.reason);
                    var versions = object.putArray("versions");
                    base(run).ifPresent(versions::add);
                    run.versions.forEach(
                            (number, event) -> {
                                if (number > 0) {
                                    versions.add(version(event, run.judged.get(number)));
                                }
                            });
                });
        return list;
    }

    private Optional<ObjectNode> base(Run run) {
        if (!run.judged.containsKey(0) && !run.versions.containsKey(0) && run.inUse != 0) {
            return Optional.empty();
        }
        var object = Json.object().put("version", 0).put("status", "base model");
        judged(object, run.judged.get(0));
        return Optional.of(object);
    }

    private static ObjectNode version(AdapterEvent event, Judged judged) {
        var object = Json.object().put("version", event.getVersion());
        object.put("status", Json.cut(event.getStatus())).put("round", event.getRound());
        object.put("step", event.getStep()).put("parent", event.getParentVersion());
        object.put("samples", event.getDatasetSize()).put("rank", event.getRank());
        object.put("kind", event.getUseDora() ? "DoRA" : "LoRA");
        object.put("reason", Json.cut(event.getReason()));
        object.put("createdAt", event.getCreatedAt().toEpochMilli());
        object.put("sha256", event.getAdapter() == null ? "" : event.getAdapter().getSha256());
        object.put("dataset", event.getDatasetDigest());
        Json.put(object, "loss", event.getMetrics().getOrDefault("loss", Double.NaN));
        judged(object, judged);
        return object;
    }

    private static void judged(ObjectNode object, Judged judged) {
        if (judged == null) {
            object.putNull("evaluation");
            return;
        }
        var e = judged.evaluation;
        var evaluation = object.putObject("evaluation").put("images", e.getImages());
        Json.put(evaluation, "mi", e.getMeanMi());
        Json.put(evaluation, "standardError", e.getStandardErrorMi());
        Json.put(evaluation, "norm", e.getAdapterNorm());
        evaluation.put("finite", e.getFinite()).put("worker", Json.cut(e.getWorker()));
        evaluation.put("sheet", judged.sheet == null ? "" : judged.sheet.hex());
    }

    /** Without what only the trainer needs. */
    private static AdapterEvent slim(AdapterEvent event) {
        return AdapterEvent.newBuilder(event)
                .setCheckpoint(null)
                .setCuratedOffsets(Map.of())
                .setTargetModules(List.of())
                .build();
    }

    private Run run(String name) {
        if (runs.size() >= MAX_RUNS && !runs.containsKey(name)) {
            runs.pollFirstEntry();
        }
        return runs.computeIfAbsent(Json.cut(name), n -> new Run());
    }
}
