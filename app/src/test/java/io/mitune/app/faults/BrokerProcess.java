package io.mitune.app.faults;

import io.mitune.app.FreePorts;
import io.mitune.embedded.EmbeddedKafka;
import io.mitune.embedded.EmbeddedRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Broker and registry in one process: {@code BrokerProcess DIRECTORY PORT REGISTRY_PORT BEHIND
 * PROXY}.
 *
 * <p>The broker has a second listener: it binds the port BEHIND and tells its clients that it is
 * reached at the port PROXY, so that they never go round what stands in between. The registry comes
 * up after the broker, which clients see as an outage of the registry alone.
 */
final class BrokerProcess {
    private static final String HOST = "127.0.0.1:";

    private BrokerProcess() {}

    public static void main(String[] args) throws IOException {
        var directory = Path.of(args[0]);
        int port = Integer.parseInt(args[1]);
        var kafka = EmbeddedKafka.start(directory.resolve("kafka"), port, settings(args));
        var registry =
                EmbeddedRegistry.start(
                        directory.resolve("registry.log"), Integer.parseInt(args[2]));
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    registry.close();
                                    kafka.close();
                                }));
        System.out.println("ready " + kafka.bootstrapServers() + " " + registry.url());
        ProcessHandle.current().parent().orElseThrow().onExit().join();
        System.exit(0);
    }

    private static Map<String, String> settings(String[] args) throws IOException {
        var direct = "BROKER://" + HOST + args[1];
        var controller = HOST + FreePorts.one();
        return Map.of(
                "listeners",
                direct + ",SLOW://" + HOST + args[3] + ",CONTROLLER://" + controller,
                "advertised.listeners",
                direct + ",SLOW://" + HOST + args[4],
                "listener.security.protocol.map",
                "BROKER:PLAINTEXT,SLOW:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "controller.quorum.voters",
                "1@" + controller,
                // a killed broker starts again when its session is over
                "broker.session.timeout.ms",
                "4000",
                "broker.heartbeat.interval.ms",
                "500",
                // so that a pause may outlast a lock, and a killed role is replaced soon
                "group.share.min.record.lock.duration.ms",
                "1000");
    }
}
