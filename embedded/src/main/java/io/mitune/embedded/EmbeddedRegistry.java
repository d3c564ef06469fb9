package io.mitune.embedded;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A small schema registry in this JVM, on the loopback, with Confluent's REST API for Avro.
 *
 * <p>So that Confluent's and other users' tools can read the topics of an embedded broker; a real
 * registry takes its place by its URL alone. Starts with compatibility level FULL_TRANSITIVE. Start
 * and close belong to one thread.
 */
public final class EmbeddedRegistry implements AutoCloseable {
    private static final int THREADS = 4;

    private final HttpServer http;
    private final ExecutorService threads;
    private final SubjectStore store;

    private EmbeddedRegistry(HttpServer http, ExecutorService threads, SubjectStore store) {
        this.http = http;
        this.threads = threads;
        this.store = store;
    }

    /**
     * Starts the registry and returns when it answers.
     *
     * @param file where it keeps everything; one process at a time
     * @param port 0 for any free one
     */
    public static EmbeddedRegistry start(Path file, int port) {
        SubjectStore store = new SubjectStore(file);
        try {
            var address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
            HttpServer http = HttpServer.create(address, 0);
            ExecutorService threads =
                    Executors.newFixedThreadPool(
                            THREADS,
                            task -> {
                                var thread = new Thread(task, "schema-registry");
                                thread.setDaemon(true);
                                return thread;
                            });
            http.createContext("/", new RegistryHandler(new RegistryApi(store)));
            http.setExecutor(threads);
            http.start();
            return new EmbeddedRegistry(http, threads, store);
        } catch (IOException | IllegalArgumentException e) {
            store.close();
            throw new EmbeddedException(
                    "registry port " + port + ": expected a free port on 127.0.0.1", e);
        }
    }

    /** Base URL for the clients. */
    public String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
        store.close();
    }
}
