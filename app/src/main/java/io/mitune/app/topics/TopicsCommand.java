package io.mitune.app.topics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.JsonOption;
import io.mitune.app.cli.TextTable;
import io.mitune.producers.TopicCreation;
import io.mitune.producers.TopicState;
import io.mitune.schemas.ClientNames;
import io.mitune.workers.queue.QueueConfig;
import io.mitune.workers.queue.WorkGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Creates the topics of the stream, or shows what is there. */
@Command(
        name = "topics",
        description = "Create the topics, describe those that are there, print ACLs.",
        subcommands = AclCommand.class,
        mixinStandardHelpOptions = true)
public final class TopicsCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "expected create, describe or acl, found none");
    }

    @Command(
            name = "create",
            description = "Create what is missing, check the rest, set up the work queue.",
            mixinStandardHelpOptions = true)
    void create(
            @Mixin ConnectionOptions connection,
            @Option(
                            names = "--replication-factor",
                            paramLabel = "N",
                            description = "Copies of each partition (default: the brokers').")
                    Optional<Short> replicationFactor) {
        var to = connection.connect();
        try (var creation = new TopicCreation(to)) {
            print(creation.ensure(replicationFactor));
        }
        var group = new ClientNames(to.topics().prefix()).workers();
        WorkGroup.configure(to, QueueConfig.of(group, "topics"));
    }

    @Command(
            name = "describe",
            description = "Show the topics and how they differ from the catalogue.",
            mixinStandardHelpOptions = true)
    void describe(@Mixin ConnectionOptions connection, @Mixin JsonOption json) {
        try (var creation = new TopicCreation(connection.connect())) {
            var states = creation.describe();
            if (json.given()) {
                JsonOption.print(
                        Console.of(spec), states.stream().map(TopicsCommand::json).toList());
            } else {
                print(states);
            }
        }
    }

    private static JsonNode json(TopicState state) {
        var object = JsonNodeFactory.instance.objectNode().put("topic", state.name());
        object.put("exists", state.exists()).put("partitions", state.partitions());
        object.put("copies", state.replicationFactor());
        var differences = object.putObject("differences");
        state.differences().forEach((name, text) -> differences.put(name, text.toString()));
        return object;
    }

    private void print(List<TopicState> states) {
        var rows = new ArrayList<List<String>>();
        for (var state : states) {
            rows.add(
                    List.of(
                            state.name(),
                            state.exists() ? Integer.toString(state.partitions()) : "-",
                            state.exists() ? Integer.toString(state.replicationFactor()) : "-",
                            state.created() ? "created" : state.exists() ? "there" : "missing"));
        }
        var console = Console.of(spec);
        TextTable.lines(List.of("topic", "partitions", "copies", "state"), rows)
                .forEach(console::print);
        for (var state : states) {
            state.differences()
                    .forEach((k, v) -> console.remark(state.name() + ": " + k + ": " + v));
        }
    }
}
