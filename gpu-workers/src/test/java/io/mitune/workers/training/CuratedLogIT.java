package io.mitune.workers.training;

import static io.mitune.workers.training.TrainerFixture.RUN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.ClientNames;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.workers.support.Cluster;
import io.mitune.workers.support.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a trainer reads, on a real broker. */
class CuratedLogIT {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final Duration POLL = Duration.ofMillis(100);

    @TempDir static Path directory;
    private static Cluster cluster;

    @BeforeAll
    static void start() {
        cluster = Cluster.start(directory);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void samplesOfOtherRunsAreNoBacklogOfATrainerThatWaits() {
        var connection = cluster.connection("others.");
        for (int prompt = 0; prompt < 4; prompt++) {
            send(connection, prompt, "another");
        }
        try (var out = out(connection);
                var log = log(connection, out)) {
            Eventually.holds(
                    "offsets at the end",
                    LIMIT,
                    () -> {
                        log.poll(POLL, arrival -> {});
                        return committed(connection) == 4;
                    });
        }
    }

    @Test
    void aLetterComesOnceHoweverOftenTheTrainerStartsFromFarther() {
        var connection = cluster.connection("once.");
        send(connection, 0, RUN);
        Cluster.sendBytes(connection, connection.topics().curated(), "x", new byte[] {1, 2, 3});
        for (int start = 0; start < 3; start++) {
            try (var out = out(connection);
                    var log = log(connection, out)) {
                if (start != 1) { // the second ends before it has read anything
                    var read = new ArrayList<>();
                    Eventually.holds(
                            "one sample and one letter",
                            LIMIT,
                            () -> {
                                log.poll(POLL, read::add);
                                return read.size() == 1 && letters(connection) >= 1;
                            });
                }
                out.commit(List.of(), log.consumed());
            }
        }
        assertEquals(1, letters(connection));
        assertTrue(committed(connection) >= 2);
    }

    private static void send(Connection connection, int prompt, String run) {
        var sample =
                CuratedSample.newBuilder(TrainerFixture.nothingKept(1, prompt, "digest"))
                        .setRun(run)
                        .build();
        Cluster.send(connection, connection.topics().curated(), sample.getPromptId(), sample);
    }

    private static TrainerLog out(Connection connection) {
        return TrainerLog.open(connection, RUN, group(connection));
    }

    private static CuratedLog log(Connection connection, TrainerLog out) {
        return new CuratedLog(connection, RUN, group(connection), out, Map.of());
    }

    private static String group(Connection connection) {
        return new ClientNames(connection.topics().prefix()).trainer(RUN);
    }

    private static int letters(Connection connection) {
        return Cluster.read(connection, connection.topics().deadLetters()).size();
    }

    /** Sum of the group's offsets: how many records it is done with. */
    private static long committed(Connection connection) {
        try (var admin = Admin.create(connection.adminProperties())) {
            return admin
                    .listConsumerGroupOffsets(group(connection))
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .values()
                    .stream()
                    .mapToLong(OffsetAndMetadata::offset)
                    .sum();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("offsets", e);
        }
    }
}
