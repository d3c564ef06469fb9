package io.mitune.workers.training;

import io.mitune.schemas.Connection;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.TrainerListener;
import io.mitune.workers.TrainerRoleConfig;
import java.net.URI;
import java.util.Map;

/** A trainer process, to be killed: bootstrap servers, registry, prefix, blob root, mode. */
final class TrainerMain {
    private TrainerMain() {}

    public static void main(String[] arguments) {
        String prefix = arguments[2];
        new Trainer(
                        new Connection(arguments[0], arguments[1], prefix, Map.of()),
                        prefix,
                        BlobStore.at(URI.create(arguments[3])),
                        config(arguments[4]),
                        new DeviceLock(),
                        TrainerListener.NONE)
                .run();
    }

    private static TrainerRoleConfig config(String mode) {
        return switch (mode) {
            case "stream" -> TrainerFixture.streamConfig();
            case "two-devices" -> TrainerFixture.twoDevices();
            default -> TrainerFixture.config();
        };
    }
}
