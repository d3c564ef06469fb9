package io.mitune.streams.promotion;

import io.mitune.schemas.AdapterEvent;
import io.mitune.streams.runs.RunsTopology;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Makes the records that promotion writes. Pure, without a clock. */
final class AdapterEvents {
    private AdapterEvents() {}

    /**
     * The same version in another state; trainer checkpoints stay with the trainer's own events.
     */
    static AdapterEvent with(AdapterEvent event, String status, String reason, Instant when) {
        return AdapterEvent.newBuilder(event)
                .setStatus(status)
                .setReason(reason)
                .setCheckpoint(null)
                .setCreatedAt(when)
                .build();
    }

    /** The record for the adapters topic: this version is in use, and this round is decided. */
    static AdapterEvent current(AdapterEvent inUse, int round, String reason, Instant when) {
        var metrics = new HashMap<>(inUse.getMetrics());
        metrics.remove(RunsTopology.SETTINGS_VERSION); // of the decision before
        return AdapterEvent.newBuilder(inUse)
                .setRound(round)
                .setReason(reason)
                .setMetrics(metrics)
                .setCheckpoint(null)
                .setCreatedAt(when)
                .build();
    }

    /** The same with these metrics beside its own. */
    static AdapterEvent with(AdapterEvent event, Map<String, Double> more) {
        var metrics = new HashMap<>(event.getMetrics());
        metrics.putAll(more);
        return AdapterEvent.newBuilder(event).setMetrics(metrics).build();
    }

    /** The base model as a version of the run. */
    static AdapterEvent base(String run, String modelDigest, Instant when) {
        return AdapterEvent.newBuilder()
                .setRun(run)
                .setVersion(0)
                .setRound(0)
                .setStep(0)
                .setParentVersion(0)
                .setStatus(AdapterStatus.PROMOTED)
                .setModelDigest(modelDigest)
                .setCreatedAt(when)
                .build();
    }

    static int roundOf(Optional<AdapterEvent> current) {
        return current.map(AdapterEvent::getRound).orElse(0);
    }
}
