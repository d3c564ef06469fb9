package io.mitune.app.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** The part of the projection that fits on one screen, as the object that scripts get. Pure. */
final class StatusView {
    private static final List<String> IN_USE =
            List.of("version", "status", "round", "step", "samples", "loss", "evaluation");

    private StatusView() {}

    /**
     * @param snapshot the live page's data
     * @param nowMillis since 1970
     */
    static ObjectNode of(JsonNode snapshot, long nowMillis) {
        var view = JsonNodeFactory.instance.objectNode().put("at", nowMillis);
        var pipeline = snapshot.path("pipeline");
        view.set("read", pipeline.path("loading"));
        view.set("topics", pipeline.path("topics"));
        view.set("groups", pipeline.path("groups"));
        view.set("prompts", prompts(snapshot.path("prompts")));
        view.set("workers", snapshot.path("workers"));
        view.set("runs", snapshot.path("runs"));
        view.set("training", training(snapshot.path("training")));
        view.set("adapters", adapters(snapshot.path("adapters")));
        view.set("deadLetters", snapshot.path("deadLetters"));
        return view;
    }

    private static ObjectNode prompts(JsonNode prompts) {
        var object = JsonNodeFactory.instance.objectNode();
        long open = prompts.path("open").asLong();
        object.put("open", open).put("started", prompts.path("started").asLong());
        object.put("closed", prompts.path("known").asLong() - open);
        return object.put("remaining", prompts.path("remaining").asLong());
    }

    /** The last point of each curve instead of all. */
    private static ArrayNode training(JsonNode curves) {
        var list = JsonNodeFactory.instance.arrayNode();
        for (var curve : curves) {
            var object = list.addObject();
            curve.properties()
                    .forEach(
                            field -> {
                                var value = field.getValue();
                                object.set(field.getKey(), value.isArray() ? last(value) : value);
                            });
        }
        return list;
    }

    private static JsonNode last(JsonNode array) {
        return array.isEmpty() ? JsonNodeFactory.instance.nullNode() : array.get(array.size() - 1);
    }

    /** Of each run the version in use, and the newest where that is another. */
    private static ArrayNode adapters(JsonNode runs) {
        var list = JsonNodeFactory.instance.arrayNode();
        for (var run : runs) {
            int inUse = run.path("inUse").asInt(-1);
            var versions = new ArrayList<JsonNode>();
            run.path("versions").forEach(versions::add);
            for (var i = 0; i < versions.size(); i++) {
                var version = versions.get(i);
                boolean used = version.path("version").asInt() == inUse;
                if (used || i == versions.size() - 1) {
                    var object = list.addObject().put("run", run.path("run").asText());
                    object.put("inUse", used);
                    IN_USE.forEach(name -> copy(version, name, object));
                }
            }
        }
        return list;
    }

    private static void copy(JsonNode from, String name, ObjectNode to) {
        if (from.hasNonNull(name)) {
            to.set(name, from.get(name));
        }
    }
}
