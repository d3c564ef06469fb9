package io.mitune.app.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.cli.UserError;
import io.mitune.app.log.RecordJson;
import io.mitune.app.log.RecordSender;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Connection;
import io.mitune.schemas.RunLimits;
import io.mitune.schemas.RunSettings;
import io.mitune.schemas.RunStatus;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Settings and status of all runs at one moment, and how to change the settings. Immutable. */
public final class RunBook {
    private final Map<String, RunSettings> settings = new TreeMap<>();
    private final Map<String, RunStatus> statuses = new TreeMap<>();

    private RunBook() {}

    /**
     * What the topics say now.
     *
     * @param faults gets one line for each record that cannot be read
     */
    public static RunBook read(Connection connection, Consumer<String> faults) {
        var book = new RunBook();
        var t = connection.topics();
        TopicLog.forEach(connection, t.runs(), s -> book.settings.put(s.getRun(), s), faults);
        TopicLog.forEach(connection, t.runStatus(), s -> book.statuses.put(s.getRun(), s), faults);
        return book;
    }

    TreeSet<String> runs() {
        var runs = new TreeSet<>(settings.keySet());
        runs.addAll(statuses.keySet());
        return runs;
    }

    void requireRun(String run) {
        if (!runs().contains(run)) {
            throw new UserError("RUN: expected one of " + runs() + ", found " + run);
        }
    }

    /** The run's last settings, if it has any. */
    public Optional<RunSettings> settings(String run) {
        return Optional.ofNullable(settings.get(run));
    }

    Optional<RunStatus> status(String run) {
        return Optional.ofNullable(statuses.get(run));
    }

    /** Both as they are in the log; null where there is none. */
    ObjectNode json(String run) {
        var object = JsonNodeFactory.instance.objectNode().put("run", run);
        object.set("settings", settings(run).map(RecordJson::of).orElse(null));
        object.set("status", status(run).map(RecordJson::of).orElse(null));
        return object;
    }

    /**
     * The run's settings after a change, checked; nothing where they stay as they are. Those of a
     * new run hold nothing up.
     */
    public Optional<RunSettings> change(String run, UnaryOperator<RunSettings.Builder> change) {
        var before = settings(run);
        var builder =
                before.map(RunSettings::newBuilder)
                        .orElseGet(RunSettings::newBuilder)
                        .setRun(run)
                        .setVersion(before.map(RunSettings::getVersion).orElse(0) + 1)
                        .setChangedAt(Instant.now());
        var changed = change.apply(builder).build();
        RunLimits.fault(changed)
                .ifPresent(
                        fault -> {
                            throw new IllegalArgumentException(fault);
                        });
        return before.filter(b -> isSame(b, changed)).isPresent()
                ? Optional.empty()
                : Optional.of(changed);
    }

    /** Whether the settings say the same but for their version and time. */
    private static boolean isSame(RunSettings before, RunSettings changed) {
        return before.equals(
                RunSettings.newBuilder(changed)
                        .setVersion(before.getVersion())
                        .setChangedAt(before.getChangedAt())
                        .build());
    }

    /** Writes settings and returns when readers see them. */
    public static void send(Connection connection, RunSettings settings) {
        RecordSender.send(connection, connection.topics().runs(), settings.getRun(), settings);
    }
}
