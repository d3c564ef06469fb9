package io.mitune.app.docs;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;

/** Ports of the loopback that nobody has, in place of those that the documentation names. */
final class FreePorts {
    private FreePorts() {}

    static int one() throws IOException {
        return row(1);
    }

    /** The first of so many in a row. */
    static int row(int count) throws IOException {
        while (true) {
            var taken = new ArrayList<ServerSocket>();
            try {
                taken.add(socket(0));
                var first = taken.get(0).getLocalPort();
                for (var i = 1; i < count; i++) {
                    taken.add(socket(first + i));
                }
                return first;
            } catch (IOException | IllegalArgumentException e) {
                continue; // one of them is in use, or beyond the last port
            } finally {
                for (var socket : taken) {
                    socket.close();
                }
            }
        }
    }

    private static ServerSocket socket(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"));
    }
}
