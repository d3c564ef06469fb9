package io.mitune.streams.curator;

import io.mitune.streams.StreamsChild;
import java.time.Duration;
import java.util.List;

/** A curator in a process of its own, to be killed. */
final class CuratorProcess {
    static final CurationConfig CONFIG =
            new CurationConfig(
                    List.of(CurationPolicy.MI_MAX, CurationPolicy.RANDOM),
                    Duration.ofHours(1),
                    Duration.ofHours(2));

    private CuratorProcess() {}

    public static void main(String[] args) {
        StreamsChild.run(args, connection -> CuratorTopology.role(connection, CONFIG));
    }
}
