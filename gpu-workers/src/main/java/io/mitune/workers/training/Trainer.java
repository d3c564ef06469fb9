package io.mitune.workers.training;

import io.mitune.diffusion.training.ReplicatedModel;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.ClientNames;
import io.mitune.schemas.Connection;
import io.mitune.schemas.LogContext;
import io.mitune.schemas.ScratchDirectory;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.TrainerListener;
import io.mitune.workers.TrainerRoleConfig;
import io.mitune.workers.TrainingMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The role that trains one run: curated samples to adapter versions.
 *
 * <pre>
 *   curated --+                  +--> training-steps
 *             +--> this trainer -+--> adapter-history (checkpoints, candidates) --+ one
 *   adapters -+                  +--> evaluation-tasks, dead-letters, offsets ----+ transaction
 * </pre>
 *
 * <p>Killed at any moment it ends, after a restart, with the same adapter as an undisturbed run
 * would: state, samples and offsets of a checkpoint are one unit in one transaction. A second
 * trainer of the run fences the first. {@link #run} belongs to one thread, {@link #stop} may come
 * from any.
 */
public final class Trainer {
    private static final Logger log = LoggerFactory.getLogger(Trainer.class);

    private final Connection connection;
    private final String group;
    private final BlobStore blobs;
    private final TrainerRoleConfig config;
    private final DeviceLock device;
    private final TrainerListener listener;
    private volatile boolean stopping;

    /**
     * @param topicPrefix of the cluster's topics; consumer group and transactional id are
     *     PREFIXtrainer-RUN
     */
    public Trainer(
            Connection connection,
            String topicPrefix,
            BlobStore blobs,
            TrainerRoleConfig config,
            DeviceLock device,
            TrainerListener listener) {
        this.connection = connection;
        this.group = new ClientNames(topicPrefix).trainer(config.run());
        this.blobs = blobs;
        this.config = config;
        this.device = device;
        this.listener = listener;
    }

    /** Asks {@link #run} to write a checkpoint and end. */
    public void stop() {
        stopping = true;
    }

    /**
     * Trains until {@link #stop} or until the last round is decided.
     *
     * @throws TrainerFencedException when another trainer of the run has started
     * @throws TrainerException in one line, when it can't go on
     */
    public void run() {
        LogContext.of(
                config.run(),
                () -> {
                    train();
                    return config;
                });
    }

    private void train() {
        try (var scratch = ScratchDirectory.create("mitune-trainer-");
                var out = TrainerLog.open(connection, config.run(), group);
                var run = RunEvents.read(connection, config.run());
                var curated = new CuratedLog(connection, config.run(), group, out, from(run));
                var model =
                        device.with(
                                () ->
                                        ReplicatedModel.load(
                                                config.model(),
                                                config.devices(),
                                                config.training()))) {
            var events = new TrainerEvents(config, model.base().modelDigest());
            log.info(
                    "trainer of run {}: round {} is decided, last event {}",
                    config.run(),
                    run.decidedRound(),
                    run.last().map(AdapterEvent::getReason).orElse("none"));
            var context =
                    new TrainerContext(
                            config,
                            connection,
                            model,
                            device,
                            blobs,
                            out,
                            run,
                            curated,
                            events,
                            scratch.path(),
                            listener,
                            () -> stopping);
            if (config.mode() instanceof TrainingMode.Stream stream) {
                StreamTraining.run(context, stream);
            } else {
                new Rounds(context).run();
            }
            out.awaitReaders();
        } catch (KafkaException e) {
            throw new TrainerException("trainer of run " + config.run() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("temporary directory: " + e.getMessage(), e);
        }
        log.info("trainer of run {}: stopped", config.run());
    }

    private static Map<String, Long> from(RunEvents run) {
        return run.last().map(AdapterEvent::getCuratedOffsets).orElse(Map.of());
    }
}
