package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;

/** How many records could not be processed, and why the last of them. Not thread-safe. */
final class DeadLetterList {
    private static final int KEPT = 20;

    private final Deque<DeadLetter> latest = new ArrayDeque<>();
    private long count;

    void add(DeadLetter letter) {
        count++;
        latest.addFirst(letter);
        if (latest.size() > KEPT) {
            latest.removeLast();
        }
    }

    ObjectNode json() {
        var object = Json.object().put("count", count);
        var list = object.putArray("latest");
        latest.forEach(letter -> list.add(letter.json()));
        return object;
    }
}
