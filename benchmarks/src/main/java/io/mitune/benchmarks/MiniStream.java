package io.mitune.benchmarks;

import io.mitune.embedded.EmbeddedStack;
import io.mitune.producers.Prompt;
import io.mitune.producers.PromptPublisher;
import io.mitune.producers.Prompts;
import io.mitune.producers.PublishProgress;
import io.mitune.producers.PublishSettings;
import io.mitune.producers.TopicCreation;
import io.mitune.schemas.Connection;
import io.mitune.schemas.CuratedSample;
import io.mitune.schemas.SamplingSettings;
import io.mitune.schemas.ScratchDirectory;
import io.mitune.schemas.Topics;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.streams.StreamsApp;
import io.mitune.streams.StreamsSettings;
import io.mitune.streams.curator.CurationConfig;
import io.mitune.streams.curator.CuratorTopology;
import io.mitune.streams.planner.PlannerTopology;
import io.mitune.streams.planner.TaskSplit;
import io.mitune.workers.CandidateWorker;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.WorkerConfig;
import io.mitune.workers.WorkerListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Broker, registry, planner, worker and curator in this process, with data that are deleted at the
 * end. Belongs to one thread.
 */
final class MiniStream implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final Duration POLL = Duration.ofMillis(100);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Connection connection;
    private final CompletableFuture<Void> worker;
    private final KafkaConsumer<String, CuratedSample> curated;

    private MiniStream(Settings s, ScratchDirectory scratch) {
        parts.push(scratch);
        var directory = scratch.path();
        var stack = EmbeddedStack.in(directory);
        parts.push(stack);
        connection =
                new Connection(
                        stack.bootstrapServers(),
                        stack.schemaRegistryUrl(),
                        Topics.DEFAULT_PREFIX,
                        Map.of());
        try (var topics = new TopicCreation(connection)) {
            topics.ensure(Optional.empty());
        }
        worker = startWorker(s, BlobStore.at(directory.resolve("blobs")));
        var streams = StreamsSettings.of(connection, directory.resolve("streams"));
        var roles =
                List.of(
                        PlannerTopology.role(connection, new TaskSplit(s.count(), s.batch())),
                        CuratorTopology.role(connection, CurationConfig.DEFAULT));
        var running = new ArrayList<CompletableFuture<Void>>();
        for (var role : roles) {
            var app = StreamsApp.start(role, streams);
            parts.push(app);
            running.add(app.running().toCompletableFuture());
        }
        running.forEach(CompletableFuture::join);
        curated = TopicTail.of(connection, connection.topics().curated());
        parts.push(curated);
    }

    static MiniStream start(Settings settings) {
        return new MiniStream(settings, scratch());
    }

    static ScratchDirectory scratch() {
        try {
            return ScratchDirectory.create("mitune-benchmark-");
        } catch (IOException e) {
            throw new UncheckedIOException("temporary directory", e);
        }
    }

    private CompletableFuture<Void> startWorker(Settings s, BlobStore blobs) {
        var config =
                WorkerConfig.of(s.model(), Topics.DEFAULT_PREFIX, "worker").withLoad(s.loading());
        var candidates =
                new CandidateWorker(
                        connection, blobs, config, new DeviceLock(), WorkerListener.NONE);
        var ended = CompletableFuture.runAsync(candidates::run);
        parts.push(
                () -> {
                    candidates.stop();
                    ended.join();
                    candidates.close();
                });
        return ended;
    }

    /** Publishes prompts as the first round of a new run. */
    static void publish(Connection to, String run, Settings s) {
        var prompts =
                IntStream.rangeClosed(1, s.prompts())
                        .mapToObj(line -> new Prompt(line, s.prompt(), ""))
                        .toList();
        new PromptPublisher(to)
                .publish(
                        new Prompts("benchmark", prompts, List.of(), 0),
                        publication(run, s),
                        PublishProgress.NONE);
    }

    /** Publishes, and waits for all curated samples. */
    void round(String run, Settings s) {
        publish(connection, run, s);
        long end = System.nanoTime() + PATIENCE.toNanos();
        int missing = s.prompts();
        while (missing > 0) {
            if (worker.isDone()) {
                worker.join();
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "stream: expected %d curated samples within %d min, found %d fewer"
                                .formatted(s.prompts(), PATIENCE.toMinutes(), missing));
            }
            for (var record : curated.poll(POLL)) {
                missing -= record.value().getRun().equals(run) ? 1 : 0;
            }
        }
    }

    private static PublishSettings publication(String run, Settings s) {
        return new PublishSettings(
                run, Optional.of(run), OptionalInt.of(1), 0, s.count(), 1, "", sampling(s), "");
    }

    static SamplingSettings sampling(Settings s) {
        return SamplingSettings.newBuilder()
                .setScheduler("ddpm")
                .setNumInferenceSteps(s.steps())
                .setGuidanceScale(s.guidance())
                .build();
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("stream: expected to stop", e);
            }
        }
    }
}
