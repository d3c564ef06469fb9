package io.mitune.app.dlq;

import io.mitune.app.cli.UserError;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Connection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The dead letters that are meant, and which of them were not sent again.
 *
 * <p>A letter may be megabytes large, and whether it was sent again stands only behind it. So the
 * topic is read once for the ids, which are all that is kept, and again for the letters themselves.
 * Belongs to one thread.
 */
final class DeadLetterSet {
    private final Connection connection;
    private final Map<String, Boolean> openById = new LinkedHashMap<>();

    private DeadLetterSet(Connection connection) {
        this.connection = connection;
    }

    /** Those that match, up to the topic's present end. */
    static DeadLetterSet matching(Connection connection, Predicate<DeadLetter> wanted) {
        var set = new DeadLetterSet(connection);
        try (var log = TopicLog.untilEnd(connection, connection.topics().deadLetters())) {
            log.forEach(
                    record -> {
                        var again = DeadLetter.redriven(record);
                        var letter = new DeadLetter(record);
                        if (again.isPresent()) {
                            set.openById.replace(again.get(), false);
                        } else if (wanted.test(letter)) {
                            set.openById.put(letter.id(), true);
                        }
                    });
        }
        return set;
    }

    /** Those that match and were not sent again. */
    static DeadLetterSet open(Connection connection, Predicate<DeadLetter> wanted) {
        var set = matching(connection, wanted);
        set.openById.values().removeIf(open -> !open);
        return set;
    }

    /** Those with these ids, also when they were sent again. */
    static DeadLetterSet named(Connection connection, List<String> ids) {
        var wanted = Set.copyOf(ids);
        var set = matching(connection, letter -> wanted.contains(letter.id()));
        for (var id : new TreeSet<>(wanted)) {
            if (!set.openById.containsKey(id)) {
                throw new UserError(
                        "ID: expected one that dlq list names, such as 0-17, found " + id);
            }
        }
        return set;
    }

    int size() {
        return openById.size();
    }

    boolean isOpen(DeadLetter letter) {
        return openById.getOrDefault(letter.id(), false);
    }

    /** Gives them one by one, oldest first. */
    void forEach(Consumer<DeadLetter> action) {
        if (openById.isEmpty()) {
            return;
        }
        try (var log = TopicLog.untilEnd(connection, connection.topics().deadLetters())) {
            log.forEach(
                    record -> {
                        var letter = new DeadLetter(record);
                        if (openById.containsKey(letter.id())) {
                            action.accept(letter);
                        }
                    });
        }
    }
}
