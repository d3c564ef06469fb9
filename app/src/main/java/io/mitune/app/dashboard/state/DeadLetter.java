package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Where a record that could not be processed came from, and why.
 *
 * @param topic of the record
 * @param place partition and offset of the record, as its finder wrote them
 * @param role who gave up; empty for a topology
 * @param timeMillis when
 */
public record DeadLetter(String topic, String place, String role, String reason, long timeMillis) {
    ObjectNode json() {
        return Json.object()
                .put("topic", Json.cut(topic))
                .put("place", Json.cut(place))
                .put("role", Json.cut(role))
                .put("reason", Json.cut(reason))
                .put("time", timeMillis);
    }
}
