package io.mitune.app.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.JsonOption;
import io.mitune.app.cli.TextTable;
import io.mitune.app.cli.UserError;
import io.mitune.app.log.RecordJson;
import io.mitune.schemas.PolicyEvent;
import io.mitune.streams.curator.CurationPolicy;
import io.mitune.streams.curator.PolicyEvents;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks at the curation policies and changes which of them judges the prompts to come. */
@Command(
        name = "policy",
        description = "List, show, set and remove curation policies.",
        mixinStandardHelpOptions = true)
public final class PolicyCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "expected list, show, set, history or remove, found none");
    }

    @Command(
            name = "list",
            description = "List the policies and what each asks for.",
            mixinStandardHelpOptions = true)
    void list(@Mixin ConnectionOptions connection, @Mixin JsonOption json) {
        var log = read(connection);
        var names = new TreeSet<String>();
        CurationPolicy.BUILT_IN.forEach(p -> names.add(p.name()));
        log.history().changes().forEach(e -> names.add(e.getName()));
        var rows = new ArrayList<List<String>>();
        var objects = new ArrayList<JsonNode>();
        for (var name : names) {
            var last = log.history().last(name);
            if (last.filter(e -> e.getAction().equals(PolicyEvents.REMOVE)).isPresent()) {
                continue;
            }
            var policy = log.find(name);
            var event = last.orElseGet(() -> PolicyEvents.of(policy));
            objects.add(RecordJson.of(event).put("builtIn", last.isEmpty()));
            rows.add(
                    List.of(
                            policy.reference(),
                            last.isEmpty() ? "built in" : event.getLive() ? "set" : "for recurate",
                            event.getRun().isEmpty() ? "all" : event.getRun(),
                            PolicySummary.of(event)));
        }
        if (json.given()) {
            JsonOption.print(Console.of(spec), objects);
            return;
        }
        TextTable.lines(List.of("policy", "state", "runs", "asks for"), rows)
                .forEach(Console.of(spec)::print);
    }

    @Command(
            name = "show",
            description = "Show one version, as JSON.",
            mixinStandardHelpOptions = true)
    void show(
            @Mixin ConnectionOptions connection,
            @Mixin JsonOption json,
            @Parameters(
                            paramLabel = "NAME[@VERSION]",
                            description = "Policy, such as strict@2; without version the last one.")
                    String reference) {
        var log = read(connection);
        var policy = log.find(reference);
        var event = log.event(policy).orElseGet(() -> PolicyEvents.of(policy));
        var object = RecordJson.of(event);
        Console.of(spec).print(json.given() ? object.toString() : object.toPrettyString());
    }

    @Command(
            name = "history",
            description = "List every change, and from which prompts on it counts.",
            mixinStandardHelpOptions = true)
    void history(@Mixin ConnectionOptions connection) {
        var history = read(connection).history();
        var rows = new ArrayList<List<String>>();
        for (var event : history.changes()) {
            var offsets =
                    IntStream.range(0, event.getPromptOffsets().size())
                            .mapToObj(p -> Long.toString(history.from(event, p)))
                            .collect(Collectors.joining(" "));
            rows.add(
                    List.of(
                            event.getName() + "@" + event.getVersion(),
                            event.getAction(),
                            event.getLive() ? offsets : "recurate only",
                            event.getCreatedAt().truncatedTo(ChronoUnit.SECONDS).toString()));
        }
        TextTable.lines(List.of("policy", "change", "from offsets of prompts", "at"), rows)
                .forEach(Console.of(spec)::print);
    }

    @Command(
            name = "set",
            description = "Judge the prompts published from now on by this policy.",
            mixinStandardHelpOptions = true)
    void set(
            @Mixin ConnectionOptions connection,
            @Parameters(paramLabel = "NAME", description = "Name of the policy.") String name,
            @Mixin PolicyOptions options,
            @Option(
                            names = "--file",
                            paramLabel = "FILE",
                            description = "YAML or JSON with the same, options win.")
                    Optional<Path> file) {
        var to = connection.connect();
        var log = PolicyLog.read(to, Console.of(spec)::remark);
        var event =
                PolicyEvent.newBuilder()
                        .setName(name)
                        .setVersion(log.history().lastVersion(name) + 1)
                        .setAction(PolicyEvents.SET)
                        .setPromptOffsets(List.of())
                        .setCreatedAt(now());
        file.ifPresent(path -> PolicyFile.apply(path, event));
        options.apply(event);
        PolicyEvents.fault(event.build())
                .ifPresent(
                        fault -> {
                            throw new UserError(fault);
                        });
        var same = log.history().last(name).filter(last -> isSame(last, event));
        if (same.isPresent()) {
            Console.of(spec)
                    .print("policy %s@%d: unchanged".formatted(name, same.get().getVersion()));
            return;
        }
        event.setPromptOffsets(PolicyLog.promptEnds(to));
        PolicyLog.append(to, event.build());
        tell(event.build());
    }

    @Command(
            name = "remove",
            description = "Judge the prompts published from now on without this policy.",
            mixinStandardHelpOptions = true)
    void remove(
            @Mixin ConnectionOptions connection,
            @Parameters(paramLabel = "NAME", description = "Name of the policy.") String name) {
        var to = connection.connect();
        var log = PolicyLog.read(to, Console.of(spec)::remark);
        var last =
                log.history()
                        .last(name)
                        .filter(e -> e.getAction().equals(PolicyEvents.SET))
                        .orElseThrow(
                                () ->
                                        new UserError(
                                                "NAME: expected a policy that is set, found %s;"
                                                                .formatted(name)
                                                        + " mitune policy list shows them"));
        var event =
                PolicyEvent.newBuilder(last)
                        .setAction(PolicyEvents.REMOVE)
                        .setVersion(last.getVersion() + 1)
                        .setVoteWeight(0)
                        .setLive(true)
                        .setRun("")
                        .setPromptOffsets(PolicyLog.promptEnds(to))
                        .setCreatedAt(now())
                        .build();
        PolicyLog.append(to, event);
        tell(event);
    }

    private void tell(PolicyEvent event) {
        var what = event.getAction().equals(PolicyEvents.SET) ? "set" : "removed";
        var when =
                event.getLive()
                        ? "from offsets %s of prompts on".formatted(event.getPromptOffsets())
                        : "for recurate only";
        Console.of(spec)
                .print(
                        "policy %s@%d: %s, %s"
                                .formatted(event.getName(), event.getVersion(), what, when));
    }

    /** Whether the last event says the same but for its version, place and time. */
    private static boolean isSame(PolicyEvent last, PolicyEvent.Builder event) {
        return last.equals(
                PolicyEvent.newBuilder(event)
                        .setVersion(last.getVersion())
                        .setPromptOffsets(last.getPromptOffsets())
                        .setCreatedAt(last.getCreatedAt())
                        .build());
    }

    private static Instant now() {
        return Instant.now(Clock.systemUTC()).truncatedTo(ChronoUnit.MILLIS);
    }

    private PolicyLog read(ConnectionOptions connection) {
        return PolicyLog.read(connection.connect(), Console.of(spec)::remark);
    }
}
