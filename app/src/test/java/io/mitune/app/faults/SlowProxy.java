package io.mitune.app.faults;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A network that can be made slow or taken away, between the clients and one server.
 *
 * <p>Latency is added to each piece of data, in each direction; throttling bounds the bytes per
 * second of each direction of each connection. Thread-safe.
 */
final class SlowProxy implements AutoCloseable {
    /** No delay and no bound. */
    static final Weather FINE = new Weather(0, Integer.MAX_VALUE, false);

    private static final int PIECE = 16 << 10;

    private final int target;
    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Weather weather = FINE;

    /**
     * How the network is.
     *
     * @param latencyMillis of each piece of data
     * @param bytesPerSecond at most
     * @param down whether connections are refused
     */
    record Weather(int latencyMillis, int bytesPerSecond, boolean down) {}

    /**
     * @param target port on the loopback
     */
    SlowProxy(int target) throws IOException {
        this.target = target;
        server = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
        daemon(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Changes the network; one that is down also loses its connections. */
    void become(Weather next) {
        weather = next;
        if (next.down()) {
            cut();
        }
    }

    /** Ends all connections. */
    void cut() {
        open.forEach(SlowProxy::quietly);
    }

    @Override
    public void close() {
        quietly(server);
        cut();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var client = server.accept();
                if (weather.down()) {
                    quietly(client);
                } else {
                    daemon(() -> connect(client));
                }
            } catch (IOException e) {
                continue; // closed: the loop ends
            }
        }
    }

    private void connect(Socket client) {
        var upstream = new Socket();
        open.add(client);
        open.add(upstream);
        try {
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            upstream.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), target));
        } catch (IOException e) {
            end(client, upstream); // as refused
            return;
        }
        daemon(() -> copy(client, upstream));
        copy(upstream, client);
    }

    private void copy(Socket from, Socket to) {
        var piece = new byte[PIECE];
        try {
            for (int n = from.getInputStream().read(piece); n >= 0; ) {
                wait(n);
                to.getOutputStream().write(piece, 0, n);
                n = from.getInputStream().read(piece);
            }
        } catch (IOException e) {
            // the other side is told below
        } finally {
            end(from, to);
        }
    }

    private void wait(int bytes) {
        var now = weather;
        long nanos =
                now.latencyMillis() * 1_000_000L + bytes * 1_000_000_000L / now.bytesPerSecond();
        if (nanos > 1000) {
            LockSupport.parkNanos(nanos);
        }
    }

    private void end(Socket one, Socket other) {
        quietly(one);
        quietly(other);
        open.remove(one);
        open.remove(other);
    }

    private static void quietly(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }

    private static void daemon(Runnable work) {
        var thread = new Thread(work, "slow-proxy");
        thread.setDaemon(true);
        thread.start();
    }
}
