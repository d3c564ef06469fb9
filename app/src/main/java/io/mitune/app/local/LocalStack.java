package io.mitune.app.local;

import io.mitune.app.metrics.RoleMetrics;
import io.mitune.diffusion.nn.Torch;
import io.mitune.embedded.EmbeddedStack;
import io.mitune.producers.TopicCreation;
import io.mitune.schemas.Connection;
import io.mitune.schemas.Topics;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.streams.StreamsApp;
import io.mitune.streams.StreamsRole;
import io.mitune.streams.StreamsSettings;
import io.mitune.streams.curator.CuratorTopology;
import io.mitune.streams.planner.PlannerConfig;
import io.mitune.streams.planner.PlannerTopology;
import io.mitune.streams.promotion.PromotionTopology;
import io.mitune.streams.runs.RunsTopology;
import io.mitune.workers.CandidateWorker;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.TrainerListener;
import io.mitune.workers.TrainerRoleConfig;
import io.mitune.workers.WorkerConfig;
import io.mitune.workers.WorkerListener;
import io.mitune.workers.training.Trainer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Broker, registry and every role in this JVM: the same code as in production, one process.
 *
 * <p>The workers share the cores out among themselves; the trainers take turns. Start and close
 * belong to one thread.
 */
public final class LocalStack implements AutoCloseable {
    private static final Logger logger = LoggerFactory.getLogger(LocalStack.class);

    /** How long a worker that is told to stop goes on with its task. */
    private static final Duration FINISH_GRACE = Duration.ofSeconds(30);

    /** What there is to say meanwhile. */
    public static final String STOPPING =
            "stopping: workers have %d s for the tasks at hand; Ctrl-C once more ends at once"
                    .formatted(FINISH_GRACE.toSeconds());

    private final Deque<AutoCloseable> parts; // the last one is closed first
    private final List<RoleThread> roles = new ArrayList<>();
    private final CompletableFuture<Void> broken = new CompletableFuture<>();
    private final DeviceLock training = new DeviceLock();
    private final LocalSettings settings;
    private final Connection connection;
    private final BlobStore blobs;
    private final RunLog log;
    private final RoleMetrics metrics;

    private LocalStack(Deque<AutoCloseable> parts, LocalSettings settings, RoleMetrics metrics) {
        this.parts = parts;
        this.settings = settings;
        this.metrics = metrics;
        var embedded =
                closing(
                        EmbeddedStack.in(
                                settings.dataDir(), settings.kafkaPort(), settings.registryPort()));
        connection =
                new Connection(
                        embedded.bootstrapServers(),
                        embedded.schemaRegistryUrl(),
                        Topics.DEFAULT_PREFIX,
                        Map.of());
        blobs = BlobStore.at(settings.dataDir().resolve("blobs"));
        try (var topics = new TopicCreation(connection)) {
            topics.ensure(Optional.empty());
        }
        log = closing(new RunLog(connection));
        Torch.useThreads(settings.threadsPerJob());
        startStreams();
        for (var number = 1; number <= settings.workers(); number++) {
            startWorker("local-" + number);
        }
        settings.trainers().forEach(this::startTrainer);
    }

    /** Starts everything; what was begun before goes on from the data directory. */
    public static LocalStack start(LocalSettings settings, RoleMetrics metrics) {
        var parts = new ArrayDeque<AutoCloseable>();
        try {
            return new LocalStack(parts, settings, metrics);
        } catch (RuntimeException e) {
            closeAll(parts);
            throw e;
        }
    }

    public Connection connection() {
        return connection;
    }

    public BlobStore blobs() {
        return blobs;
    }

    /** What the log says, kept up to date. */
    public RunLog log() {
        return log;
    }

    /** Fails when a role breaks; never completes otherwise. */
    public CompletionStage<Void> broken() {
        return broken.minimalCompletionStage();
    }

    /** How long closing may take: as long as the roles, and what it takes to close the rest. */
    public static Duration closingTime() {
        return RoleThread.PATIENCE.plusSeconds(20);
    }

    /** Something that looks at the stream, to be closed before it. */
    public void add(AutoCloseable part) {
        closing(part);
    }

    /**
     * Stops the roles, then the broker; closes all even if one fails to. The roles stop at the same
     * time: a worker that went on would take, and give back, what another has just given back.
     */
    @Override
    public void close() {
        roles.forEach(RoleThread::stop);
        closeAll(parts);
    }

    private static void closeAll(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                logger.warn("stopping: {}", e.toString());
            }
        }
    }

    private void startStreams() {
        var streams = StreamsSettings.of(connection, settings.dataDir().resolve("streams"));
        var roles =
                List.of(
                        PlannerTopology.role(
                                connection,
                                PlannerConfig.forWorkers(settings.split(), settings.workers())),
                        CuratorTopology.role(connection, settings.curation()),
                        PromotionTopology.role(connection, settings.promotion()),
                        RunsTopology.role(connection));
        for (StreamsRole role : roles) {
            var app = closing(StreamsApp.start(role, streams));
            metrics.topology(role.name(), app);
            watch(app.ended());
        }
    }

    private void startWorker(String name) {
        var ready = metrics.health().starting(name);
        var listener = metrics.worker(WorkerListener.NONE);
        var usual = WorkerConfig.of(settings.model(), Topics.DEFAULT_PREFIX, name);
        var config =
                usual.withLoad(settings.load())
                        .withQueue(usual.queue().withFinishGrace(FINISH_GRACE));
        var own = new DeviceLock(); // its share of the cores is its device
        var worker = closing(new CandidateWorker(connection, blobs, config, own, listener));
        startRole(new RoleThread(name, worker::run, worker::stop));
        ready.run();
    }

    private void startTrainer(TrainerRoleConfig config) {
        var trainer =
                new Trainer(
                        connection,
                        Topics.DEFAULT_PREFIX,
                        blobs,
                        config,
                        training,
                        metrics.trainer(TrainerListener.NONE));
        startRole(new RoleThread("trainer-" + config.run(), trainer::run, trainer::stop));
    }

    private void startRole(RoleThread role) {
        roles.add(role);
        watch(closing(role).ended());
    }

    private <T extends AutoCloseable> T closing(T part) {
        parts.push(part);
        return part;
    }

    private void watch(CompletionStage<Void> role) {
        role.whenComplete(
                (nothing, failure) -> {
                    if (failure != null) {
                        broken.completeExceptionally(failure);
                    }
                });
    }
}
