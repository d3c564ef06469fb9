package io.mitune.app.local;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.UntilStopped;
import io.mitune.embedded.EmbeddedKafka;
import io.mitune.embedded.KafkaNode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One Kafka broker on loopback, alone or of a small cluster: to try what a cluster does. */
@Command(
        name = "broker",
        description = "Run one Kafka broker on loopback, alone or one of three, until stopped.",
        mixinStandardHelpOptions = true)
public final class BrokerCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            required = true,
            description = "The log; each node has its own.")
    private Path dataDir;

    @Option(
            names = "--node",
            paramLabel = "I",
            defaultValue = "1",
            description = "Which one this is, from 1 (default: ${DEFAULT-VALUE}).")
    private int node;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "1",
            description = "Brokers of the cluster, 1, 3 or 5 (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9092",
            description = "Of node 1; the others have the next ones (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--controller-port",
            paramLabel = "PORT",
            defaultValue = "19092",
            description =
                    "Of the quorum's controller on node 1; the others have the next ones (default: ${DEFAULT-VALUE}).")
    private int controllerPort;

    @Override
    public Integer call() throws Exception {
        var place = new KafkaNode(node, nodes, port, controllerPort);
        var console = Console.of(spec);
        if (nodes > 1) {
            console.remark(
                    "node %d of %d waits for %d of the others".formatted(node, nodes, nodes / 2));
        }
        try (var until = new UntilStopped()) {
            var kafka = until.closing(EmbeddedKafka.start(dataDir, place));
            console.remark(
                    "broker at %s; --bootstrap-server %s; Ctrl-C stops it"
                            .formatted(kafka.bootstrapServers(), place.bootstrapServers()));
            until.await();
        }
        return 0;
    }
}
