package io.mitune.schemas;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * What a prompt request may hold.
 *
 * <p>The publisher checks before it writes and the planner before it believes what it reads, both
 * from here: one careless or hostile request must not cost a GPU a week. Thread-safe.
 */
public final class RequestLimits {
    public static final int MAX_TEXT_BYTES = 4096;
    public static final int MAX_CANDIDATES = 10_000;
    public static final int MAX_STEPS = 1000;
    public static final int MAX_SIDE = 8192;
    public static final int MAX_ROUND = 1_000_000;
    public static final int MAX_ROUND_SIZE = 1_000_000;
    public static final int MAX_PRIORITY = 1000;
    public static final double MAX_GUIDANCE = 100;
    public static final Set<String> SCHEDULERS =
            Set.of("ddpm", "ddim", "euler", "pndm", "flow-match-euler");

    private RequestLimits() {}

    /** The first thing wrong, as "field: expected X, found Y", or nothing. */
    public static Optional<String> fault(PromptRequest r) {
        return sharedFault(r).or(() -> ownFault(r));
    }

    /** The first thing wrong with what all prompts of a publication have in common. */
    public static Optional<String> sharedFault(PromptRequest r) {
        return runFault(r.getRun())
                .or(() -> batchFault(r.getBatch()))
                .or(() -> textFault("negativePrompt", r.getNegativePrompt(), 0))
                .or(() -> textFault("model", r.getModel(), 0))
                .or(() -> range("round", r.getRound(), 1, MAX_ROUND))
                .or(() -> range("roundSize", r.getRoundSize(), 1, MAX_ROUND_SIZE))
                .or(() -> range("candidates", r.getCandidates(), 1, MAX_CANDIDATES))
                .or(() -> range("keep", r.getKeep(), 1, r.getCandidates()))
                .or(() -> range("priority", r.getPriority(), -MAX_PRIORITY, MAX_PRIORITY))
                .or(() -> samplingFault(r.getSampling()));
    }

    /** The first thing wrong with what a prompt has alone; the rest is taken as right. */
    public static Optional<String> ownFault(PromptRequest r) {
        return textFault("text", r.getText(), 1)
                .or(() -> textFault("category", r.getCategory(), 0))
                .or(() -> range("position", r.getPosition(), 0, MAX_ROUND_SIZE - 1))
                .or(() -> idFault(r));
    }

    /** Runs name files and keys, so they are short and plain. */
    public static Optional<String> runFault(String run) {
        return run.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
                ? Optional.empty()
                : Optional.of(
                        "run: expected 1 to 100 letters, digits, dots, hyphens or underscores,"
                                + " found '"
                                + shown(run)
                                + "'");
    }

    /** Batch names are free text, but short. */
    public static Optional<String> batchFault(String batch) {
        return batch.length() > 200
                ? Optional.of("batch: expected at most 200 characters, found " + batch.length())
                : textFault("batch", batch, 1);
    }

    /** Sampler settings within bounds; 0 stands for the model's own size. */
    public static Optional<String> samplingFault(SamplingSettings s) {
        if (!SCHEDULERS.contains(s.getScheduler())) {
            return Optional.of(
                    "scheduler: expected ddpm, ddim, euler, pndm or flow-match-euler, found '"
                            + shown(s.getScheduler())
                            + "'");
        }
        double guidance = s.getGuidanceScale();
        if (!(guidance >= 0 && guidance <= MAX_GUIDANCE)) {
            return Optional.of(
                    "guidanceScale: expected 0 to " + MAX_GUIDANCE + ", found " + guidance);
        }
        return range("numInferenceSteps", s.getNumInferenceSteps(), 1, MAX_STEPS)
                .or(() -> range("height", s.getHeight(), 0, MAX_SIDE))
                .or(() -> range("width", s.getWidth(), 0, MAX_SIDE));
    }

    /** At most {@value #MAX_TEXT_BYTES} bytes of UTF-8 and no control character. */
    public static Optional<String> textFault(String field, String text, int minChars) {
        if (text.strip().length() < minChars) {
            return Optional.of(field + ": expected a text, found none");
        }
        var control = text.chars().filter(Character::isISOControl).findFirst();
        if (control.isPresent()) {
            return Optional.of(
                    String.format(
                            "%s: expected printable text, found control character U+%04X",
                            field, control.getAsInt()));
        }
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        return bytes <= MAX_TEXT_BYTES
                ? Optional.empty()
                : Optional.of(
                        field + ": expected at most " + MAX_TEXT_BYTES + " bytes, found " + bytes);
    }

    private static Optional<String> idFault(PromptRequest r) {
        var id = Identity.promptId(r.getBatch(), r.getPosition(), r.getText());
        return id.equals(r.getPromptId())
                ? Optional.empty()
                : Optional.of(
                        "promptId: expected "
                                + id
                                + ", the hash of batch, position and text, found '"
                                + shown(r.getPromptId())
                                + "'");
    }

    private static Optional<String> range(String field, int value, int min, int max) {
        return value >= min && value <= max
                ? Optional.empty()
                : Optional.of(field + ": expected " + min + " to " + max + ", found " + value);
    }

    /** At most 60 printable characters of it, for messages. */
    public static String shown(String text) {
        var printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= 60 ? printable : printable.substring(0, 60) + "...";
    }
}
