package io.mitune.app.survey;

import io.mitune.app.cli.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A method to compare, and a folder with its pictures; several may have the same name. Immutable.
 *
 * @param name in the votes
 * @param version the adapter version that the folder's pictures must be of, where one was named
 * @param folder as {@code generate} writes it, or any with {@code PROMPT_DIGITS.png}
 */
record Method(String name, Optional<Version> version, Path folder) {
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,79}";

    /** A version of a run's adapter. */
    record Version(String run, int number) {}

    /** NAME=FOLDER, where NAME may be RUN@VERSION. */
    static Method of(String text) {
        var equals = text.indexOf('=');
        var name = equals < 0 ? text : text.substring(0, equals);
        if (equals < 0 || !name.matches(NAME + "(@[0-9]{1,9})?")) {
            throw new UserError(
                    "--method: expected NAME=FOLDER or RUN@VERSION=FOLDER, found " + text);
        }
        var folder = Path.of(text.substring(equals + 1));
        if (!Files.isDirectory(folder)) {
            throw new UserError("--method %s: expected a folder, found none".formatted(text));
        }
        var at = name.indexOf('@');
        if (at < 0) {
            return new Method(name, Optional.empty(), folder);
        }
        var run = name.substring(0, at);
        var number = Integer.parseInt(name.substring(at + 1));
        return new Method(run + "-v" + number, Optional.of(new Version(run, number)), folder);
    }
}
