package io.mitune.app.cli;

import static java.util.stream.Collectors.joining;

import io.mitune.schemas.Topics;
import io.mitune.schemas.access.MissingAccess;
import io.mitune.schemas.access.Role;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import picocli.CommandLine;

/** Knows what a command is to the cluster, to say what a refused one must be allowed to. */
final class RefusedAccess {
    private static final Map<String, Role> ROLES =
            Map.of(
                    "worker", Role.WORKER,
                    "curate", Role.CURATOR,
                    "train", Role.TRAINER,
                    "publish", Role.PUBLISHER,
                    "topics", Role.ADMIN,
                    "survey", Role.SURVEY,
                    "dashboard", Role.DASHBOARD);

    /** Of commands that otherwise only read. */
    private static final Set<String> WRITERS =
            Set.of(
                    "dlq redrive",
                    "adapters promote",
                    "adapters rollback",
                    "policy set",
                    "policy remove",
                    "run set",
                    "run pause",
                    "run resume");

    private RefusedAccess() {}

    /** The line for a failure that was the cluster's refusal. */
    static Optional<String> in(Throwable failure, CommandLine line) {
        String[] words = line.getCommandSpec().qualifiedName(" ").split(" ");
        var role = role(failure, Arrays.stream(words).skip(1).collect(joining(" ")));
        var prefix = line.getCommandSpec().findOption("--topic-prefix");
        var topics = new Topics(prefix == null ? "" : prefix.getValue());
        return MissingAccess.explain(failure, topics, role).map(ErrorLine::clean);
    }

    private static Role role(Throwable failure, String command) {
        var known = ROLES.get(command.replaceFirst(" .*", ""));
        if (known != null) {
            return known;
        }
        // recurate and lineage write when told --into
        return WRITERS.contains(command) || isRefusedTransaction(failure) ? Role.ADMIN : Role.TAP;
    }

    private static boolean isRefusedTransaction(Throwable failure) {
        for (var e = failure; e != null; e = e.getCause()) {
            if (e instanceof TransactionalIdAuthorizationException) {
                return true;
            }
        }
        return false;
    }
}
