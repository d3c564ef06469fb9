package io.mitune.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Apache Kafka itself, a KRaft node (broker and controller), in this JVM on the loopback.
 *
 * <p>So that the program and its tests run on a machine with nothing but Java. The data directory
 * is formatted when it is new and kept when it is not: topics, records and groups survive a
 * restart. The only class that touches Kafka's non-public server classes. Start and close belong to
 * one thread.
 */
public final class EmbeddedKafka implements AutoCloseable {
    static final String HOST = "127.0.0.1";
    private static final String META = "meta.properties";
    private static final String LOCK = ".mitune.lock";

    private final FileChannel lock;
    private final KafkaRaftServer server;
    private final String bootstrapServers;

    private EmbeddedKafka(FileChannel lock, KafkaRaftServer server, String bootstrapServers) {
        this.lock = lock;
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Starts the broker and returns when clients can connect.
     *
     * @param dataDir where the log lives; one process at a time
     * @param port 0 for any free one
     * @param overrides broker properties that win over the defaults
     */
    public static EmbeddedKafka start(Path dataDir, int port, Map<String, String> overrides) {
        return start(dataDir, port, overrides, List.of());
    }

    /**
     * Starts a broker that may ask its clients who they are.
     *
     * @param overrides broker properties that win over the defaults, such as those of listeners and
     *     of the authorizer
     * @param credentials put into a new data directory, as {@code
     *     SCRAM-SHA-512=[name=U,password=P]}: the broker must know its own before anybody could
     *     tell it
     */
    public static EmbeddedKafka start(
            Path dataDir, int port, Map<String, String> overrides, List<String> credentials) {
        return launch(dataDir, () -> alone(port), overrides, credentials);
    }

    /**
     * Starts one of several brokers, each in a process of its own, and returns when enough of them
     * are there that clients can connect.
     *
     * @param dataDir where the log of this node lives
     */
    public static EmbeddedKafka start(Path dataDir, KafkaNode node) {
        return launch(dataDir, () -> node, Map.of(), List.of());
    }

    private static EmbeddedKafka launch(
            Path dataDir,
            Callable<KafkaNode> place,
            Map<String, String> overrides,
            List<String> credentials) {
        Path directory = dataDir.toAbsolutePath().normalize();
        FileChannel lock = lock(directory);
        try {
            KafkaNode node = place.call();
            requireFree(node.port());
            requireFree(node.controllerPort());
            Map<String, String> properties = BrokerProperties.of(directory, node);
            properties.putAll(overrides);
            format(directory, node, credentials);
            MetadataCheck.check(directory);
            var server = started(new KafkaConfig(properties, false));
            return new EmbeddedKafka(lock, server, HOST + ":" + node.port());
        } catch (Exception e) {
            closeQuietly(lock);
            if (e instanceof EmbeddedException known) {
                throw known;
            }
            throw new EmbeddedException("broker data " + directory + ": cannot start", e);
        }
    }

    /** HOST:PORT for the clients. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Stops the broker in good order; the data stay. */
    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
        closeQuietly(lock);
    }

    private static KafkaRaftServer started(KafkaConfig config) {
        FatalFaults.catchThem();
        var server = new KafkaRaftServer(config, Time.SYSTEM);
        try {
            server.startup();
            return server;
        } catch (RuntimeException e) {
            server.shutdown();
            throw e;
        }
    }

    private static FileChannel lock(Path directory) {
        FileChannel channel = null;
        try {
            Files.createDirectories(directory);
            channel =
                    FileChannel.open(
                            directory.resolve(LOCK),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            FileLock held = channel.tryLock();
            if (held != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // this JVM holds it: told below
        } catch (IOException e) {
            closeQuietly(channel);
            throw new EmbeddedException(
                    "broker data " + directory + ": expected a directory to write to", e);
        }
        closeQuietly(channel);
        throw new EmbeddedException(
                "broker data "
                        + directory
                        + ": expected to be its only user, found another broker running on it;"
                        + " stop that one or choose another directory");
    }

    private static void format(Path directory, KafkaNode node, List<String> credentials)
            throws Exception {
        if (Files.exists(directory.resolve(META))) {
            return;
        }
        try (var files = Files.list(directory)) {
            var foreign = files.filter(f -> !f.endsWith(LOCK)).findFirst();
            if (foreign.isPresent()) {
                throw new EmbeddedException(
                        "broker data %s: expected %s or an empty directory, found %s"
                                .formatted(directory, META, foreign.get().getFileName()));
            }
        }
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                .setNodeId(node.id())
                .setClusterId(node.clusterId())
                .setControllerListenerName(BrokerProperties.CONTROLLER)
                .addDirectory(directory.toString())
                .setMetadataLogDirectory(directory.toString())
                .setScramArguments(credentials)
                .run();
    }

    /** Both ports are held until both are known, so that they differ. */
    private static KafkaNode alone(int port) throws IOException {
        try (var clients = new ServerSocket();
                var controllers = new ServerSocket()) {
            bind(clients, port);
            bind(controllers, 0);
            return KafkaNode.alone(clients.getLocalPort(), controllers.getLocalPort());
        }
    }

    private static void requireFree(int port) throws IOException {
        try (var socket = new ServerSocket()) {
            bind(socket, port);
        }
    }

    private static void bind(ServerSocket socket, int port) {
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(HOST, port));
        } catch (IOException | IllegalArgumentException e) {
            throw new EmbeddedException(
                    "broker port %d: expected a free port on %s".formatted(port, HOST), e);
        }
    }

    private static void closeQuietly(FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // the lock ends with the process at the latest
            }
        }
    }

    /**
     * Kafka ends the process when its data are beyond repair. Here the thread that starts a broker
     * gets an exception instead, so that the caller can say what happened; in a thread of the
     * broker itself the process still ends, for its log can no longer be trusted.
     */
    private static final class FatalFaults {
        private static final Logger log = LoggerFactory.getLogger(EmbeddedKafka.class);

        static void catchThem() {
            Thread starter = Thread.currentThread();
            Exit.setExitProcedure((status, message) -> end(starter, status, message));
            Exit.setHaltProcedure((status, message) -> end(starter, status, message));
        }

        private static void end(Thread starter, int status, String message) {
            String text = message == null ? "Kafka met damaged data" : message;
            if (Thread.currentThread() == starter) {
                throw new IllegalStateException(text);
            }
            log.error("broker: {}; the process ends, see the errors before this one", text);
            Runtime.getRuntime().halt(status);
        }
    }
}
