package io.mitune.app.adapter;

import io.mitune.app.cli.UserError;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** All that the log knows of adapters at one moment. Immutable. */
public final class AdapterLog {
    private final List<AdapterEvent> history;
    private final Map<String, AdapterEvent> current = new LinkedHashMap<>();

    private AdapterLog(List<AdapterEvent> history, List<AdapterEvent> current) {
        this.history = history;
        current.forEach(event -> this.current.put(event.getRun(), event));
    }

    /** Reads both topics up to their present end. */
    public static AdapterLog read(Connection connection) {
        var topics = connection.topics();
        return new AdapterLog(
                TopicLog.values(connection, topics.adapterHistory()),
                TopicLog.values(connection, topics.adapters()));
    }

    /** The last state of each version, by run and version; requests are not states. */
    List<AdapterEvent> latest() {
        var latest = new TreeMap<String, TreeMap<Integer, AdapterEvent>>();
        for (var event : history) {
            if (!event.getStatus().endsWith("-requested")) {
                latest.computeIfAbsent(event.getRun(), run -> new TreeMap<>())
                        .put(event.getVersion(), event);
            }
        }
        return latest.values().stream().flatMap(run -> run.values().stream()).toList();
    }

    /** The version in use; nothing before the first decision. */
    Optional<AdapterEvent> current(String run) {
        return Optional.ofNullable(current.get(run));
    }

    boolean isCurrent(AdapterEvent event) {
        return current(event.getRun())
                .filter(inUse -> inUse.getVersion() == event.getVersion())
                .isPresent();
    }

    /** Every state that this version had; an error when there is none. */
    public List<AdapterEvent> history(String run, int version) {
        requireRun(run);
        var states =
                history.stream()
                        .filter(e -> e.getRun().equals(run) && e.getVersion() == version)
                        .toList();
        if (states.isEmpty()) {
            var known = new TreeSet<Integer>();
            latest().stream()
                    .filter(e -> e.getRun().equals(run))
                    .forEach(e -> known.add(e.getVersion()));
            throw new UserError(
                    "VERSION: expected one of %s of run %s, found %d"
                            .formatted(known, run, version));
        }
        return states;
    }

    /** The runs that have a version. */
    public TreeSet<String> runs() {
        var runs = new TreeSet<String>();
        history.forEach(event -> runs.add(event.getRun()));
        return runs;
    }

    void requireRun(String run) {
        var runs = runs();
        if (!runs.contains(run)) {
            throw new UserError("RUN: expected one of " + runs + ", found " + run);
        }
    }
}
