package io.mitune.streams.curator;

import io.mitune.schemas.PolicyEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Policy events and sketches for tests. */
final class Policies {
    private Policies() {}

    static PolicyEvent.Builder set(String name, int version, Long... offsets) {
        return PolicyEvent.newBuilder()
                .setName(name)
                .setVersion(version)
                .setAction(PolicyEvents.SET)
                .setPromptOffsets(List.of(offsets))
                .setCreatedAt(Instant.EPOCH);
    }

    static PolicyEvent remove(String name, int version, Long... offsets) {
        return set(name, version, offsets).setAction(PolicyEvents.REMOVE).build();
    }

    static CurationPolicy policy(PolicyEvent.Builder event) {
        return PolicyEvents.policy(event.build());
    }

    /** A sketch of length 1 at this angle, in degrees: cosines are those of the differences. */
    static List<Float> sketch(double degrees) {
        var numbers = new ArrayList<Float>();
        numbers.add((float) Math.cos(Math.toRadians(degrees)));
        numbers.add((float) Math.sin(Math.toRadians(degrees)));
        return numbers;
    }
}
