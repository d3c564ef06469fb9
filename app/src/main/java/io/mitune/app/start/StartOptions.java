package io.mitune.app.start;

import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.ErrorLine;
import io.mitune.app.cli.UntilStopped;
import io.mitune.app.cli.UserError;
import io.mitune.app.metrics.Health;
import io.mitune.app.start.ClusterProbe.Obstacle;
import io.mitune.schemas.access.Role;
import io.mitune.schemas.blobs.BlobStore;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/**
 * How a role begins, the same for every role: it waits for the cluster.
 *
 * <p>Orchestrators start things in any order, so brokers, topics, registry or blob store that are
 * not there yet are no failure. They are waited for, and {@code /readyz} and the log say for what;
 * only when they do not come does the role end, for the orchestrator to try again. Once it has
 * begun, a role waits for an outage by its own rules. Belongs to one thread.
 */
public final class StartOptions {
    private static final Logger log = LoggerFactory.getLogger(StartOptions.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration TELL = Duration.ofSeconds(15);

    @Option(
            names = "--startup-timeout",
            paramLabel = "DURATION",
            defaultValue = "${env:MITUNE_STARTUP_TIMEOUT:-PT5M}",
            description =
                    "How long to wait for brokers, topics, registry and blob store at the start, ISO"
                            + " 8601 as PT90S; then end with an error (default: ${DEFAULT-VALUE}; environment"
                            + " MITUNE_STARTUP_TIMEOUT).")
    private Duration timeout;

    private Optional<BlobStore> blobs = Optional.empty();

    /** A role that can do nothing without this store waits for it, too. */
    public StartOptions needing(BlobStore store) {
        blobs = Optional.of(store);
        return this;
    }

    /**
     * Returns when the role has what it needs.
     *
     * @param health not ready meanwhile
     * @return false when the process was told to stop before
     * @throws UserError in one line, when the cluster refuses the role or does not come in time
     */
    public boolean awaitCluster(
            ConnectionOptions connection, Role role, Health health, UntilStopped until) {
        if (timeout.isNegative()) {
            throw new UserError("--startup-timeout: expected PT0S or longer, found " + timeout);
        }
        var probe =
                new ClusterProbe(connection.connectImpatiently(), role, blobs, until::isStopped);
        long start = System.nanoTime();
        long tellAt = start;
        Runnable past = () -> {};
        while (!until.isStopped()) {
            Optional<Obstacle> found = probe.look(timeout.minusNanos(System.nanoTime() - start));
            past.run();
            if (found.isEmpty()) {
                return true;
            }
            var obstacle = found.get();
            long now = System.nanoTime();
            var left = timeout.minusNanos(now - start);
            if (left.isNegative() && !until.isStopped()) {
                throw new UserError(
                        obstacle.line() + "; waited %s (--startup-timeout)".formatted(timeout));
            }
            past = health.waitingFor(obstacle.part());
            if (now - tellAt >= 0) {
                tellAt = now + TELL.toNanos();
                log.warn(
                        "{} waits, {} s more: {}",
                        role.word(),
                        left.toSeconds(),
                        ErrorLine.clean(obstacle.line()));
            }
            pause(until);
        }
        return false;
    }

    private static void pause(UntilStopped until) {
        long end = System.nanoTime() + PAUSE.toNanos();
        while (!until.isStopped() && System.nanoTime() < end) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
