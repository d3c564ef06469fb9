package io.mitune.producers;

import java.util.Objects;

/**
 * One accepted prompt. Its place among the accepted prompts of its list is part of its identity, so
 * that a prompt which occurs twice is two prompts. Immutable.
 *
 * @param line where it stood, from 1
 * @param text 1 to {@value LineRules#MAX_BYTES} bytes of UTF-8, no control characters, stripped
 * @param category free label, or empty
 */
public record Prompt(long line, String text, String category) {

    /** Checks the text once more: prompts are also made by callers, not only by {@link Prompts}. */
    public Prompt {
        Objects.requireNonNull(category, "category");
        var fault = LineRules.fault(text);
        if (fault.isPresent()) {
            throw new PublishException("prompt " + line + ": " + fault.get());
        }
    }
}
