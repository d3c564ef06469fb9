package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.lag.GroupLag;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The topics as a flow: how much is in each, how fast it comes, who is how far behind. Not
 * thread-safe.
 */
final class Pipeline {
    private static final class Counter {
        private final Rate rate = new Rate();
        private long read;
        private long unreadable;
    }

    private final Map<String, Counter> topics = new LinkedHashMap<>();
    private List<GroupLag> groups = List.of();
    private long loaded;
    private long toLoad;
    private String failure = "";

    /**
     * @param names short topic names, in the order of the flow
     */
    Pipeline(List<String> names) {
        names.forEach(name -> topics.put(name, new Counter()));
    }

    void read(String topic, long atMillis) {
        var counter = topics.computeIfAbsent(topic, t -> new Counter());
        counter.read++;
        counter.rate.add(atMillis);
    }

    void unreadable(String topic) {
        topics.computeIfAbsent(topic, t -> new Counter()).unreadable++;
    }

    void groups(List<GroupLag> newGroups) {
        groups = List.copyOf(newGroups);
    }

    void loading(long done, long all) {
        loaded = done;
        toLoad = all;
    }

    void ended(String reason) {
        failure = Json.cut(reason);
    }

    ObjectNode json(long nowMillis) {
        var object = Json.object();
        object.putObject("loading").put("done", loaded).put("all", toLoad).put("failure", failure);
        var list = object.putArray("topics");
        topics.forEach(
                (name, counter) -> {
                    var topic = list.addObject().put("name", name).put("records", counter.read);
                    topic.put("unreadable", counter.unreadable);
                    Json.put(topic, "perSecond", counter.rate.perSecond(nowMillis));
                });
        var behind = object.putArray("groups");
        groups.forEach(
                group ->
                        behind.addObject()
                                .put("group", group.group())
                                .put("topic", group.topic())
                                .put("lag", group.lag()));
        return object;
    }
}
