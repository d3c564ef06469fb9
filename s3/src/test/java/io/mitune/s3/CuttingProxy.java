package io.mitune.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands before a server and cuts the first connections after so many bytes: as if the client's
 * process or the network had died, or as a proxy that loses its client but still hands on what the
 * server answers.
 */
final class CuttingProxy implements AutoCloseable {
    private final ServerSocket socket;
    private final URI server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger cutsLeft;
    private final int fromClient;
    private final int fromServer;
    private final boolean answered;

    /**
     * @param cuts connections that are cut; those after them are not
     * @param fromClient bytes that may pass to the server before the cut
     * @param fromServer bytes that may pass back
     */
    CuttingProxy(URI server, int cuts, int fromClient, int fromServer) throws IOException {
        this(server, cuts, fromClient, fromServer, false);
    }

    private CuttingProxy(URI server, int cuts, int fromClient, int fromServer, boolean answered)
            throws IOException {
        this.server = server;
        this.cutsLeft = new AtomicInteger(cuts);
        this.fromClient = fromClient;
        this.fromServer = fromServer;
        this.answered = answered;
        socket = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        threads.execute(this::accept);
    }

    /** Cuts requests only; the client gets the server's answer to the part that came. */
    static CuttingProxy answering(URI server, int cuts, int fromClient) throws IOException {
        return new CuttingProxy(server, cuts, fromClient, Integer.MAX_VALUE, true);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    int cutsLeft() {
        return Math.max(0, cutsLeft.get());
    }

    private void accept() {
        try {
            while (true) {
                var client = socket.accept();
                var behind = new Socket(server.getHost(), server.getPort());
                boolean cut = cutsLeft.getAndDecrement() > 0;
                int there = cut ? fromClient : Integer.MAX_VALUE;
                int back = cut ? fromServer : Integer.MAX_VALUE;
                threads.execute(() -> request(client, behind, there));
                threads.execute(() -> answer(client, behind, back));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void request(Socket client, Socket behind, int limit) {
        try {
            copy(client.getInputStream(), behind.getOutputStream(), limit);
            if (answered) {
                behind.shutdownOutput();
                client.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
        } catch (IOException e) {
            // one end has gone
        }
        closeBoth(client, behind);
    }

    private void answer(Socket client, Socket behind, int limit) {
        try {
            copy(behind.getInputStream(), client.getOutputStream(), limit);
            if (answered) { // the client may still be sending
                client.shutdownOutput();
                return;
            }
        } catch (IOException e) {
            // one end has gone
        }
        closeBoth(client, behind);
    }

    /** The client's end first: the server answers as soon as its own is closed. */
    private static void closeBoth(Socket client, Socket behind) {
        try (behind;
                client) {
            // in reverse order
        } catch (IOException e) {
            // gone already
        }
    }

    private static void copy(InputStream in, OutputStream out, int limit) throws IOException {
        var buffer = new byte[8192];
        int left = limit;
        while (left > 0) {
            int count = in.read(buffer, 0, Math.min(buffer.length, left));
            if (count < 0) {
                return;
            }
            out.write(buffer, 0, count);
            left -= count;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        threads.shutdownNow();
    }
}
