package io.mitune.workers.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.s3.S3Blobs;
import io.mitune.s3.S3Place;
import io.mitune.s3.S3Server;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.TrainerListener;
import io.mitune.workers.support.Cluster;
import io.mitune.workers.support.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer with latents, checkpoints and adapters on a real S3 server. */
class S3TrainerIT {
    private static final Duration LIMIT = Eventually.LIMIT;

    @TempDir Path directory;

    @Test
    void adaptersOnS3AreThoseOfADirectory() throws Exception {
        try (var cluster = Cluster.start(directory);
                var server = S3Server.start()) {
            var place = new S3Place(S3Server.BUCKET, "run");
            var s3 = BlobStore.on(S3Blobs.open(place, server.settings()));
            var onS3 = trained(cluster, "s3.", s3);
            var local = trained(cluster, "local.", BlobStore.at(directory.resolve("blobs")));
            assertEquals(List.of(1, 2, 3), onS3.stream().map(AdapterEvent::getVersion).toList());
            for (int i = 0; i < onS3.size(); i++) {
                assertEquals(local.get(i).getAdapter(), onS3.get(i).getAdapter());
                assertTrue(server.has("run/" + onS3.get(i).getAdapter().getPath()));
            }
        }
    }

    private static List<AdapterEvent> trained(Cluster cluster, String prefix, BlobStore blobs) {
        var connection = cluster.connection(prefix);
        var digest = TrainerFixture.modelDigest();
        for (int round = 1; round <= 8; round++) {
            for (var sample : TrainerFixture.round(round, digest, blobs)) {
                var curated = connection.topics().curated();
                Cluster.send(connection, curated, sample.getPromptId(), sample);
            }
        }
        new Trainer(
                        connection,
                        prefix,
                        blobs,
                        TrainerFixture.streamConfig(),
                        new DeviceLock(),
                        TrainerListener.NONE)
                .run();
        // a commit is answered before readers see it
        Eventually.holds("three versions", LIMIT, () -> versions(connection).size() >= 3);
        return versions(connection);
    }

    private static List<AdapterEvent> versions(Connection connection) {
        return Cluster.values(connection, connection.topics().adapterHistory()).stream()
                .filter(event -> event.getStatus().equals("candidate"))
                .toList();
    }
}
