package io.mitune.app.cli;

import io.mitune.schemas.Topics;
import io.mitune.schemas.access.MissingAccess;
import io.mitune.schemas.access.Role;
import java.util.Map;
import java.util.Optional;
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

    private RefusedAccess() {}

    /** The line for a failure that was the cluster's refusal. */
    static Optional<String> in(Throwable failure, CommandLine line) {
        String[] words = line.getCommandSpec().qualifiedName(" ").split(" ");
        var role = ROLES.getOrDefault(words.length > 1 ? words[1] : "", Role.TAP);
        var prefix = line.getCommandSpec().findOption("--topic-prefix");
        var topics = new Topics(prefix == null ? "" : prefix.getValue());
        return MissingAccess.explain(failure, topics, role).map(ErrorLine::clean);
    }
}
