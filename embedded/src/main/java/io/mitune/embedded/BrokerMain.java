package io.mitune.embedded;

import java.nio.file.Path;

/**
 * Broker and registry as a process of their own: {@code BrokerMain DIRECTORY [KAFKA_PORT
 * [REGISTRY_PORT]]}.
 *
 * <p>So that they can be killed and restarted apart from the program that uses them. Prints one
 * line, {@code ready BOOTSTRAP_SERVERS REGISTRY_URL}, when clients can connect. Stops in good order
 * on a termination signal and when the process that started it is gone.
 */
public final class BrokerMain {
    private BrokerMain() {}

    public static void main(String[] args) {
        try {
            if (args.length < 1 || args.length > 3) {
                throw new EmbeddedException(
                        "arguments: expected DIRECTORY [KAFKA_PORT [REGISTRY_PORT]], found "
                                + args.length);
            }
            var stack = EmbeddedStack.in(Path.of(args[0]), port(args, 1), port(args, 2));
            Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "stop"));
            System.out.println(
                    "ready " + stack.bootstrapServers() + " " + stack.schemaRegistryUrl());
        } catch (EmbeddedException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
        ProcessHandle.current()
                .parent()
                .ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(0)));
    }

    private static int port(String[] args, int at) {
        String text = args.length > at ? args[at] : "0";
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
            throw new EmbeddedException("port: expected a number up to 65535, found " + text);
        }
        return Integer.parseInt(text);
    }
}
