package io.mitune.app.topics;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.UserError;
import io.mitune.schemas.Connection;
import io.mitune.schemas.access.AccessCatalogue;
import io.mitune.schemas.access.AclForms;
import io.mitune.schemas.access.Grant;
import io.mitune.schemas.access.Role;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what a role must be allowed to on a cluster with access control, or allows it. */
@Command(
        name = "acl",
        description = "Print the least set of ACLs that a role needs, or create them.",
        mixinStandardHelpOptions = true)
public final class AclCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;

    @Option(
            names = "--role",
            required = true,
            paramLabel = "ROLE",
            description = "worker, curator, trainer, publisher, tap, dashboard, survey or admin.")
    private String role;

    @Option(
            names = "--principal",
            required = true,
            paramLabel = "USER",
            description = "Whom to allow it, such as User:worker.")
    private String principal;

    @Option(
            names = "--format",
            paramLabel = "FORM",
            defaultValue = "kafka-acls",
            description = "kafka-acls (command lines) or json (default: ${DEFAULT-VALUE}).")
    private String format;

    @Option(names = "--apply", description = "Create the ACLs instead of printing them.")
    private boolean apply;

    @Override
    public Integer call() throws Exception {
        if (!principal.matches("[A-Za-z]+:[^'\\p{Cntrl}]+")) {
            throw new UserError(
                    "--principal: expected TYPE:NAME such as User:worker, found " + principal);
        }
        if (!format.equals("kafka-acls") && !format.equals("json")) {
            throw new UserError("--format: expected kafka-acls or json, found " + format);
        }
        var to = connection.connect();
        var what = Role.of(role);
        var grants = new AccessCatalogue(to.topics()).of(what);
        var console = Console.of(spec);
        if (apply) {
            create(to, grants);
            console.remark("%s may do now what a %s does".formatted(principal, what.word()));
        } else if (format.equals("json")) {
            var rows = AclForms.flat(grants, principal);
            console.print(
                    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(rows));
        } else {
            AclForms.kafkaAcls(grants, principal, to.bootstrapServers()).forEach(console::print);
        }
        return 0;
    }

    private void create(Connection to, List<Grant> grants) throws InterruptedException {
        var bindings = grants.stream().flatMap(g -> g.bindings(principal).stream()).toList();
        var properties = to.adminProperties();
        properties.putIfAbsent("default.api.timeout.ms", "30000");
        try (var admin = Admin.create(properties)) {
            admin.createAcls(bindings).all().get();
        } catch (ExecutionException e) {
            throw new UserError(
                    "kafka at %s: expected it to take %d ACLs, found: %s"
                            .formatted(
                                    to.bootstrapServers(),
                                    bindings.size(),
                                    e.getCause().getMessage()),
                    e);
        }
    }
}
