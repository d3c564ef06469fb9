package io.mitune.app.policy;

import io.mitune.app.cli.UserError;
import io.mitune.app.log.RecordSender;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Connection;
import io.mitune.schemas.PolicyEvent;
import io.mitune.streams.curator.CurationPolicy;
import io.mitune.streams.curator.PolicyEvents;
import io.mitune.streams.curator.PolicyHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/** All that the log knows of policies at one moment, and how to add to it. Immutable. */
final class PolicyLog {
    private final PolicyHistory history;

    private PolicyLog(PolicyHistory history) {
        this.history = history;
    }

    /**
     * Reads the topic up to its present end.
     *
     * @param faults gets one line for each record that cannot be read
     */
    static PolicyLog read(Connection connection, Consumer<String> faults) {
        var events = new ArrayList<PolicyEvent>();
        TopicLog.forEach(connection, connection.topics().policies(), events::add, faults);
        return new PolicyLog(PolicyHistory.of(events));
    }

    PolicyHistory history() {
        return history;
    }

    /** The first offset of each partition of prompts that nobody has written to yet. */
    static List<Long> promptEnds(Connection connection) {
        try (var prompts = TopicLog.untilEnd(connection, connection.topics().prompts())) {
            return List.copyOf(prompts.ends().values());
        }
    }

    /** NAME or NAME@VERSION, the last version set unless given. */
    CurationPolicy find(String reference) {
        var parts = reference.split("@", 2);
        var name = parts[0];
        int version = parts.length > 1 ? version(parts[1]) : lastSet(name);
        return history.find(name, version)
                .orElseThrow(
                        () ->
                                new UserError(
                                        "policy: expected one of %s, found %s; mitune policy"
                                                        .formatted(references(), reference)
                                                + " history lists all versions"));
    }

    /** The event that set a version; none for a built-in one. */
    Optional<PolicyEvent> event(CurationPolicy policy) {
        return history.changes().stream()
                .filter(e -> e.getName().equals(policy.name()))
                .filter(e -> e.getVersion() == policy.version())
                .findFirst();
    }

    /** Appends an event, and makes sure that nobody else took its version at the same time. */
    static void append(Connection connection, PolicyEvent event) {
        RecordSender.send(
                connection, connection.topics().policies(), PolicyEvents.key(event), event);
        var now = read(connection, line -> {}).history;
        boolean ours = now.changes().contains(event);
        if (!ours) {
            throw new UserError(
                    "policy %s: expected version %d to be free, found that somebody else set it at"
                                    .formatted(event.getName(), event.getVersion())
                            + " the same moment; try again");
        }
    }

    private int lastSet(String name) {
        return history.changes().stream()
                .filter(e -> e.getName().equals(name))
                .filter(e -> e.getAction().equals(PolicyEvents.SET))
                .mapToInt(PolicyEvent::getVersion)
                .max()
                .orElse(1);
    }

    private TreeSet<String> references() {
        var all = new TreeSet<String>();
        CurationPolicy.BUILT_IN.forEach(p -> all.add(p.reference()));
        history.changes().stream()
                .filter(e -> e.getAction().equals(PolicyEvents.SET))
                .forEach(e -> all.add(e.getName() + "@" + e.getVersion()));
        return all;
    }

    private static int version(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new UserError("policy: version: expected a number, found " + text, e);
        }
    }
}
