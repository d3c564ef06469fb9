package io.mitune.workers.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.schemas.DeadLetters;
import io.mitune.workers.support.Cluster;
import io.mitune.workers.support.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that end their workers, and tasks that never were, against a real broker. */
class DeadlyTaskIT {
    private static final Duration LIMIT = Queue.LIMIT;

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
    void taskThatKillsItsProcessEndsAsADeadLetter(TestInfo info) {
        try (var queue = new Queue(cluster, directory, info)) {
            queue.send("deadly");
            int killed = 0;
            while (killed < 10 && queue.deadLetters().isEmpty()) {
                try (var child = queue.deadlyChild(killed)) {
                    Eventually.holds(
                            "the end of the child or the dead letter",
                            LIMIT,
                            () -> !child.isAlive() || !queue.deadLetters().isEmpty());
                    killed += child.isAlive() ? 0 : 1;
                }
                if (killed == 1) { // the broker may count anew
                    cluster.stopBroker();
                    cluster.startBroker();
                }
            }
            assertEquals(1, queue.deadLetters().size());
            assertTrue(killed <= Queue.DELIVERIES, killed + " processes");
            assertTrue(
                    Queue.header(queue.deadLetters().get(0), DeadLetters.MESSAGE)
                            .contains("gave up"));
            queue.expectNothingLeft();
        }
    }

    @Test
    void workerThatDiesBeforeTheDeadLetterLeavesItToTheNext(TestInfo info) {
        try (var queue = new Queue(cluster, directory, info)) {
            queue.send("unlucky");
            for (int delivery = 1; delivery < 2 * Queue.DELIVERIES; delivery++) {
                queue.takeAndDie();
            }
            queue.start("last", Queue::emitOne);
            Eventually.holds("a dead letter", LIMIT, () -> queue.deadLetters().size() == 1);
            queue.stopAll();
            queue.expectNothingLeft();
        }
    }

    @Test
    void tasksThatWereNeverCommittedAreNotDone(TestInfo info) {
        try (var queue = new Queue(cluster, directory, info)) {
            queue.sendAndAbort("aborted");
            queue.send("committed");
            queue.start("a", Queue::emitOne);
            Eventually.holds("the committed one", LIMIT, () -> !queue.results().isEmpty());
            queue.expectNothingLeft();
            assertEquals(2, queue.results().size(), "the committed one and the marker");
        }
    }
}
