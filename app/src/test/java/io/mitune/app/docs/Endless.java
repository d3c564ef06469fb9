package io.mitune.app.docs;

import java.util.List;

/** Which documented commands go on until they are stopped. */
final class Endless {
    private static final List<String> ROLES =
            List.of("up", "broker", "registry", "curate", "worker", "dashboard");

    private Endless() {}

    /** A mitune command. */
    static boolean is(List<String> words) {
        var name = words.get(0);
        return ROLES.contains(name)
                || name.equals("train") && !words.contains("--rounds")
                || name.equals("survey") && words.get(1).startsWith("-")
                || words.contains("--follow")
                || words.contains("--watch");
    }

    /** Whether it says that Ctrl-C stops it, once it works; others print what they show. */
    static boolean tells(List<String> words) {
        return !words.contains("--watch") && !words.get(0).equals("tap");
    }

    /** A line of another program. */
    static boolean is(String line) {
        return line.contains("?follow") || line.contains("kafka-console-consumer.sh");
    }
}
