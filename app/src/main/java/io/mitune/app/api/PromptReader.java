package io.mitune.app.api;

import io.mitune.app.log.StartAt;
import io.mitune.app.log.TopicLog;
import io.mitune.app.web.Problem;
import io.mitune.app.web.WebException;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;

/**
 * Reads what the topics hold of one prompt, when somebody asks.
 *
 * <p>Nothing is kept, so an answer is never too old and no prompt is ever forgotten. Other keys are
 * passed over before they are decoded; of the candidates and curated samples only the prompt's own
 * partition is read, from the time of its request until nothing can be missing. A few requests at a
 * time, each for a bounded time. Thread-safe.
 */
final class PromptReader {
    private static final int AT_ONCE = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration CLOCKS_APART = Duration.ofMinutes(5);

    private final Connection connection;
    private final Semaphore places = new Semaphore(AT_ONCE);

    PromptReader(Connection connection) {
        this.connection = connection;
    }

    /** The state of a prompt; not known when the prompts topic does not have it. */
    PromptState read(String promptId, Optional<String> run) {
        if (!places.tryAcquire()) {
            throw new WebException(
                    503,
                    Problem.of("prompt queries", "at most " + AT_ONCE + " at a time", "one more"));
        }
        try {
            return new Search(promptId, run).run();
        } finally {
            places.release();
        }
    }

    private final class Search {
        private final byte[] key;
        private final PromptState state;
        private final long end = System.nanoTime() + PATIENCE.toNanos();

        private Search(String promptId, Optional<String> run) {
            state = new PromptState(run);
            key = promptId.getBytes(StandardCharsets.UTF_8);
        }

        private PromptState run() {
            var topics = connection.topics();
            // other clients' producers may choose partitions in another way: all of them
            try (var log = TopicLog.untilEnd(connection, topics.prompts())) {
                each(log, topics.prompts(), state::add, () -> false);
            }
            if (state.isKnown()) {
                read(topics.candidates(), state::add, state::hasAllCandidates);
                read(topics.curated(), state::add, state::isCurated);
            }
            return state;
        }

        private <V extends SpecificRecord> void read(
                Topic<V> topic, Consumer<V> action, BooleanSupplier enough) {
            var start = Instant.ofEpochMilli(state.since()).minus(CLOCKS_APART);
            try (var log = TopicLog.ofKey(connection, topic, key, new StartAt.Time(start))) {
                each(log, topic, action, enough);
            }
        }

        private <V extends SpecificRecord> void each(
                TopicLog log, Topic<V> topic, Consumer<V> action, BooleanSupplier enough) {
            var serde = connection.serde(topic.type()).deserializer();
            while (!log.isAtEnd() && !enough.getAsBoolean()) {
                if (System.nanoTime() > end) {
                    throw new WebException(
                            503,
                            Problem.of(
                                    "topic " + topic.name(),
                                    "its end within " + PATIENCE.toSeconds() + " s",
                                    "more"));
                }
                // of a record that cannot be read, the part that it was meant for makes a dead
                // letter
                log.poll()
                        .filter(record -> Arrays.equals(record.key(), key))
                        .flatMap(record -> TopicLog.value(record, serde, fault -> {}))
                        .ifPresent(action);
            }
        }
    }
}
