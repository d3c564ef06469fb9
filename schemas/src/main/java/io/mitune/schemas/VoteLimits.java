package io.mitune.schemas;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a vote may hold.
 *
 * <p>Whoever takes votes from the web checks before writing, and whoever counts them checks again,
 * both from here: a vote is a stranger's input. Thread-safe.
 */
public final class VoteLimits {
    public static final int MAX_OPTIONS = 20;
    public static final Set<String> FORMS = Set.of("methods", "metrics", "pair");

    private static final String HASH = "[0-9a-f]{32}";
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";

    private VoteLimits() {}

    /** The first thing wrong, as "field: expected X, found Y", or nothing. */
    public static Optional<String> fault(Vote v) {
        return form("campaign", v.getCampaign(), NAME)
                .or(() -> form("questionId", v.getQuestionId(), NAME))
                .or(() -> form("voterId", v.getVoterId(), NAME))
                .or(() -> form("promptId", v.getPromptId(), HASH))
                .or(() -> answerFault(v))
                .or(() -> RequestLimits.textFault("text", v.getText(), 1))
                .or(() -> RequestLimits.textFault("category", v.getCategory(), 0))
                .or(() -> formFault(v))
                .or(() -> optionsFault(v))
                .or(() -> chosenFault(v));
    }

    private static Optional<String> answerFault(Vote v) {
        var id = Identity.answerId(v.getCampaign(), v.getQuestionId(), v.getVoterId());
        return unless(
                id.equals(v.getAnswerId()),
                "answerId: expected " + id + ", the hash of campaign, question and voter");
    }

    private static Optional<String> formFault(Vote v) {
        return unless(
                FORMS.contains(v.getForm()),
                "form: expected methods, metrics or pair, found '" + shown(v.getForm()) + "'");
    }

    private static Optional<String> optionsFault(Vote v) {
        int count = v.getOptions().size();
        int min = v.getForm().equals("pair") ? 2 : 1;
        int max = v.getForm().equals("pair") ? 2 : MAX_OPTIONS;
        if (count < min || count > max) {
            return Optional.of(
                    "options: expected " + min + " to " + max + " pictures, found " + count);
        }
        return v.getOptions().stream()
                .map(o -> optionFault(o, v.getPromptId()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> optionFault(VoteOption o, String promptId) {
        var id = o.getCandidateId();
        boolean fits = id == null || id.matches(promptId + "/[1-9][0-9]{0,6}/[0-9]{1,5}");
        return form("options: method", o.getMethod(), NAME)
                .or(
                        () ->
                                unless(
                                        fits,
                                        "options: candidateId: expected one of the prompt, found '"
                                                + shown(String.valueOf(id))
                                                + "'"))
                .or(() -> o.getRun().isEmpty() ? Optional.empty() : runFault(o));
    }

    private static Optional<String> runFault(VoteOption o) {
        return RequestLimits.runFault(o.getRun()).map(fault -> "options: " + fault);
    }

    private static Optional<String> chosenFault(Vote v) {
        int count = v.getOptions().size();
        boolean right =
                v.getChosen().size() <= count
                        && new HashSet<>(v.getChosen()).size() == v.getChosen().size()
                        && v.getChosen().stream().allMatch(i -> i >= 0 && i < count);
        return unless(
                right, "chosen: expected different places from 0 to " + (count - 1) + " or none");
    }

    private static Optional<String> form(String field, String text, String pattern) {
        return unless(
                text.matches(pattern),
                field + ": expected " + pattern + ", found '" + shown(text) + "'");
    }

    private static Optional<String> unless(boolean right, String fault) {
        return right ? Optional.empty() : Optional.of(fault);
    }

    private static String shown(String text) {
        return RequestLimits.shown(text);
    }
}
