package io.mitune.app.tap;

import io.mitune.schemas.DeadLetters;
import java.util.List;
import java.util.Map;

/** What people look for in the records of a topic, most telling first. Stateless. */
final class TapColumns {
    private static final Map<String, List<String>> BY_TOPIC =
            Map.ofEntries(
                    topic("prompts", "text", "candidates", "round", "run", "category", "batch"),
                    topic("generation-tasks", "text", "count", "round", "run", "adapterVersion"),
                    topic("releases", "text", "count", "round", "run", "adapterVersion"),
                    topic(
                            "candidates",
                            "text",
                            "mi",
                            "index",
                            "round",
                            "run",
                            "failure",
                            "category",
                            "adapterVersion",
                            "worker",
                            "promptId"),
                    topic(
                            "curated",
                            "text",
                            "mi",
                            "margin",
                            "rank",
                            "round",
                            "run",
                            "reason",
                            "category",
                            "adapterVersion",
                            "promptId"),
                    topic("policies", "name", "version", "action", "live", "selection", "keep"),
                    topic("round-choices", "run", "round", "priority", "promptId"),
                    topic("votes", "text", "campaign", "form", "voterId", "category"),
                    topic("adapters", "run", "version", "status", "reason", "round", "step"),
                    topic("adapter-history", "run", "version", "status", "reason", "round", "step"),
                    topic("evaluation-tasks", "run", "version", "round", "imagesPerPrompt"),
                    topic("evaluations", "run", "version", "meanMi", "standardErrorMi", "images"),
                    topic(
                            "training-steps",
                            "run",
                            "round",
                            "step",
                            "loss",
                            "gradientNorm",
                            "learningRate",
                            "samples"),
                    topic("runs", "run", "version", "paused", "reason", "rounds"),
                    topic("run-counts", "run", "round", "samples", "seconds"),
                    topic("run-status", "run", "state", "round", "samples", "waits", "decision"),
                    topic(
                            "dead-letters",
                            "headers." + DeadLetters.ROLE,
                            "headers." + DeadLetters.MESSAGE,
                            "headers." + DeadLetters.TOPIC,
                            "bytes"));

    private TapColumns() {}

    /**
     * Dotted paths of fields.
     *
     * @param topic its name without prefix
     */
    static List<String> of(String topic) {
        return BY_TOPIC.get(topic);
    }

    private static Map.Entry<String, List<String>> topic(String name, String... columns) {
        return Map.entry(name, List.of(columns));
    }
}
