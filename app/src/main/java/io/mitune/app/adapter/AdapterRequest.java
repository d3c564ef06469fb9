package io.mitune.app.adapter;

import io.mitune.app.log.RecordSender;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import java.time.Instant;

/**
 * A wish about a run's adapter, which the promotion role grants or not: the same from the command
 * line and from the page. Stateless.
 */
public final class AdapterRequest {
    private AdapterRequest() {}

    /**
     * @param version what to use; below 0 for the one before
     * @param status one of the two that end in -requested
     * @param reason who asks
     */
    public static AdapterEvent of(String run, int version, String status, String reason) {
        return AdapterEvent.newBuilder()
                .setRun(run)
                .setVersion(version)
                .setRound(0)
                .setStep(0)
                .setParentVersion(0)
                .setStatus(status)
                .setReason(reason)
                .setCreatedAt(Instant.now())
                .build();
    }

    /** Appends a wish to the history and returns when readers see it. */
    public static void send(Connection connection, AdapterEvent event) {
        RecordSender.send(connection, connection.topics().adapterHistory(), event.getRun(), event);
    }
}
