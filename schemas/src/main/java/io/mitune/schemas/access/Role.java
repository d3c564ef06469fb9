package io.mitune.schemas.access;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.Locale;

/** What a process does on the cluster, and so what it has to be allowed to. */
public enum Role {
    /** Draws and scores candidates. */
    WORKER,
    /** Runs the topologies: plans, curates, promotes. */
    CURATOR,
    /** Trains the adapters of all runs. */
    TRAINER,
    /** Publishes prompts. */
    PUBLISHER,
    /** Reads everything: tap, export, adapters list. */
    TAP,
    /** Shows everything and publishes prompts. */
    DASHBOARD,
    /** Shows pictures to people and writes down what they prefer. */
    SURVEY,
    /** Creates topics, sets up the queue, decides on adapters, sends dead letters again. */
    ADMIN;

    /** The role of that name, as on the command line. */
    public static Role of(String word) {
        return Arrays.stream(values())
                .filter(role -> role.word().equals(word))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "role: expected one of %s, found %s"
                                                .formatted(
                                                        Arrays.stream(values())
                                                                .map(Role::word)
                                                                .collect(joining(", ")),
                                                        word)));
    }

    /** As it is written on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
