package io.mitune.app.dlq;

import io.mitune.app.cli.UserError;
import io.mitune.app.log.TopicLog;
import io.mitune.schemas.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The dead letters that the topic holds, and which of them were sent again. Immutable.
 *
 * @param letters by id, oldest first
 * @param redriven ids of those that were sent again
 */
record DeadLetterSet(Map<String, DeadLetter> letters, Set<String> redriven) {

    /** Reads the topic up to its present end. */
    static DeadLetterSet read(Connection connection) {
        return of(TopicLog.records(connection, connection.topics().deadLetters()));
    }

    static DeadLetterSet of(List<ConsumerRecord<byte[], byte[]>> records) {
        var letters = new LinkedHashMap<String, DeadLetter>();
        var redriven = new HashSet<String>();
        for (var record : records) {
            var again = DeadLetter.redriven(record);
            again.ifPresent(redriven::add);
            if (again.isEmpty()) {
                var letter = new DeadLetter(record);
                letters.put(letter.id(), letter);
            }
        }
        return new DeadLetterSet(letters, redriven);
    }

    boolean isOpen(DeadLetter letter) {
        return !redriven.contains(letter.id());
    }

    /** The letters that are asked for by id, or those that match and were not sent again. */
    List<DeadLetter> choose(List<String> ids, DeadLetterFilter filter) {
        if (ids.isEmpty()) {
            return letters.values().stream().filter(this::isOpen).filter(filter::matches).toList();
        }
        var chosen = new ArrayList<DeadLetter>();
        for (var id : new TreeSet<>(ids)) {
            var letter = letters.get(id);
            if (letter == null) {
                throw new UserError(
                        "ID: expected one that dlq list names, such as 0-17, found " + id);
            }
            chosen.add(letter);
        }
        return chosen;
    }
}
