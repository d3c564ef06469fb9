package io.mitune.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of the loopback that nobody has, for processes that are told where to listen.
 *
 * <p>They lie below those that systems give to outgoing connections, so that none of these takes
 * one before its process starts, or while it is started again. No port comes twice.
 */
public final class FreePorts {
    private static final int LOWEST = 20_000;
    private static final int COUNT = 12_000;

    /** Processes begin at different places. */
    private static int next = ThreadLocalRandom.current().nextInt(COUNT);

    private FreePorts() {}

    public static int one() {
        return row(1);
    }

    /** The first of so many in a row. */
    public static synchronized int row(int count) {
        int free = 0;
        while (free < count) {
            next = (next + 1) % COUNT;
            boolean goesOn = next > 0;
            free = goesOn && isFree(LOWEST + next) ? free + 1 : 0;
        }
        return LOWEST + next - count + 1;
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.isBound();
        } catch (BindException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
