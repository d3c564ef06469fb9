package io.mitune.producers;

/**
 * A line that was skipped, so that the user can mend it. Immutable.
 *
 * @param line its number, from 1
 * @param reason what was expected and found
 */
public record BadLine(long line, String reason) {

    @Override
    public String toString() {
        return "line " + line + ": " + reason;
    }
}
