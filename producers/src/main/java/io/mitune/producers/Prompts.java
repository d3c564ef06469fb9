package io.mitune.producers;

import java.util.List;

/**
 * What a source of prompts held: the accepted ones in order, and the lines that were skipped.
 * Immutable.
 *
 * @param origin file name or the like, for messages
 * @param accepted at least one
 * @param badLines the first {@value PromptSource#MAX_REPORTED} skipped lines
 * @param badCount how many were skipped in all; empty lines do not count
 */
public record Prompts(String origin, List<Prompt> accepted, List<BadLine> badLines, long badCount) {

    public Prompts {
        accepted = List.copyOf(accepted);
        badLines = List.copyOf(badLines);
    }

    /** Name of a batch of these prompts that is the same in all runs: a hash of the texts. */
    public String nameWithoutRun() {
        return Batch.nameWithoutRun(accepted);
    }
}
