package io.mitune.producers;

import io.mitune.schemas.Connection;
import io.mitune.schemas.PromptRequest;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes a batch of prompts into the prompts topic.
 *
 * <p>Only what is not there yet is sent, so publishing a batch twice adds nothing, and publishing
 * it again after a failure adds the rest. Returns when the brokers have acknowledged everything.
 * Thread-safe, one publication at a time; publications of two publishers into one run at the same
 * moment may pick the same round.
 */
public final class PromptPublisher {
    private final Connection connection;
    private final PromptLog log;
    private final Clock clock;

    public PromptPublisher(Connection connection) {
        this(connection, Clock.systemUTC());
    }

    PromptPublisher(Connection connection, Clock clock) {
        this.connection = connection;
        log = new PromptLog(connection);
        this.clock = clock;
    }

    /** Publishes; anything wrong is a {@link PublishException} of one line. */
    public synchronized PublishReport publish(
            Prompts prompts, PublishSettings settings, PublishProgress progress) {
        var accepted = prompts.accepted();
        // checks all values before anything is asked of the cluster
        var name = Batch.name(accepted, settings);
        var asked = settings.round().orElse(1);
        var first = Batch.requests(accepted, settings, name, asked, clock.instant()).get(0);

        var history = log.of(settings.run());
        var batch = nameIn(history, accepted, settings, name);
        requireOwn(batch, settings.run());
        int round = RoundNumbers.roundFor(history, batch, first, settings.round());
        var requests = Batch.requests(accepted, settings, batch, round, clock.instant());
        history.sampleOf(batch, round).ifPresent(old -> requireSame(old, requests.get(0)));
        var known = history.idsOf(batch, round);
        requireAll(known, requests);
        var missing = requests.stream().filter(r -> !known.contains(r.getPromptId())).toList();
        send(missing, progress);
        return new PublishReport(settings.run(), batch, round, requests.size(), missing.size());
    }

    /** A published batch of any run whose name starts so. */
    public Optional<String> batchStartingWith(String prefix) {
        return log.batchStartingWith(prefix);
    }

    /** A batch that an earlier version named by its texts alone keeps that name. */
    private static String nameIn(
            RunHistory history, List<Prompt> prompts, PublishSettings settings, String name) {
        var old = Batch.nameWithoutRun(prompts);
        var isOld = settings.batch().isEmpty() && history.holds(old);
        return isOld ? old : name;
    }

    private void requireOwn(String batch, String run) {
        log.otherRunWith(batch, run)
                .ifPresent(
                        other -> {
                            throw PublishException.conflict(
                                    ("batch %s: expected a batch of run %s, found it in run %s;"
                                                    + " give it another name")
                                            .formatted(batch, run, other));
                        });
    }

    private static void requireSame(PromptRequest old, PromptRequest now) {
        if (!Batch.sameSettings(old, now)) {
            throw PublishException.conflict(
                    ("batch %s: expected the settings of its first publication in round %d"
                                    + " (%s), found (%s); give it another name or round")
                            .formatted(
                                    now.getBatch(),
                                    now.getRound(),
                                    Batch.settingsOf(old),
                                    Batch.settingsOf(now)));
        }
    }

    private static void requireAll(Set<String> known, List<PromptRequest> now) {
        var ids = now.stream().map(PromptRequest::getPromptId).collect(Collectors.toSet());
        if (!ids.containsAll(known)) {
            throw PublishException.conflict(
                    ("batch %s: expected the prompts of its first publication in round %d, found"
                                    + " others; give it another name or round")
                            .formatted(now.get(0).getBatch(), now.get(0).getRound()));
        }
    }

    private void send(List<PromptRequest> requests, PublishProgress progress) {
        if (requests.isEmpty()) {
            return;
        }
        var topic = connection.topics().prompts().name();
        var properties = connection.producerProperties();
        properties.putIfAbsent("linger.ms", 20);
        var failure = new AtomicReference<Exception>();
        var acknowledged = new AtomicInteger();
        try (var producer =
                new KafkaProducer<>(
                        properties,
                        new StringSerializer(),
                        connection.serde(PromptRequest.class).serializer())) {
            for (var request : requests) {
                if (failure.get() != null) {
                    break;
                }
                producer.send(
                        new ProducerRecord<>(topic, request.getPromptId(), request),
                        (metadata, e) -> {
                            if (e == null) {
                                progress.acknowledged(
                                        acknowledged.incrementAndGet(), requests.size());
                            } else {
                                failure.compareAndSet(null, e);
                            }
                        });
            }
            producer.flush();
        } catch (org.apache.kafka.common.KafkaException e) {
            failure.compareAndSet(null, e);
        }
        if (failure.get() != null) {
            throw new PublishException(
                    ("topic %s: expected %d prompts to be acknowledged, found %d, then: %s;"
                                    + " publish again to add the rest")
                            .formatted(
                                    topic,
                                    requests.size(),
                                    acknowledged.get(),
                                    failure.get().getMessage()),
                    failure.get());
        }
    }
}
