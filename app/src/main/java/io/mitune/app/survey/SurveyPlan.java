package io.mitune.app.survey;

import io.mitune.app.cli.UserError;
import io.mitune.schemas.Identity;
import io.mitune.schemas.Vote;
import io.mitune.schemas.VoteLimits;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a survey can ask. Immutable.
 *
 * @param campaign its name in the votes
 * @param title what people read above it
 * @param questions all of them; a voter gets some
 * @param perCategory questions of each category that a voter gets
 */
record SurveyPlan(String campaign, String title, List<Question> questions, int perCategory) {
    static final int MAX_QUESTIONS = 20_000;

    /** Refuses what the votes could not hold. */
    SurveyPlan {
        questions = List.copyOf(questions);
        if (perCategory < 1 || perCategory > MAX_QUESTIONS) {
            throw new UserError(
                    "--questions-per-category: expected 1 to %d, found %d"
                            .formatted(MAX_QUESTIONS, perCategory));
        }
        if (questions.isEmpty() || questions.size() > MAX_QUESTIONS) {
            throw new UserError(
                    "survey: expected 1 to %d prompts with all their pictures, found %d"
                            .formatted(MAX_QUESTIONS, questions.size()));
        }
        for (var question : questions) {
            var page = new Ballot.Page(question, question.exhibits());
            VoteLimits.fault(vote(campaign, page, "0", List.of(), Instant.EPOCH))
                    .ifPresent(
                            fault -> {
                                throw new UserError("survey: " + fault);
                            });
        }
    }

    Ballot ballot(String voter) {
        return Ballot.of(campaign, voter, questions, perCategory);
    }

    /** How many questions a voter gets. */
    int length() {
        Map<String, Integer> counts = new HashMap<>();
        questions.forEach(q -> counts.merge(q.category(), 1, Integer::sum));
        return counts.values().stream().mapToInt(count -> Math.min(count, perCategory)).sum();
    }

    /** All pictures by what their addresses end with. */
    Map<String, Exhibit> pictures() {
        Map<String, Exhibit> pictures = new HashMap<>();
        for (var question : questions) {
            question.exhibits().forEach(e -> pictures.put(question.pictureKey(campaign, e), e));
        }
        return pictures;
    }

    /**
     * The answer to a page as an event.
     *
     * @param chosen places in the page's order
     */
    Vote vote(Ballot.Page page, String voter, List<Integer> chosen, Instant now) {
        return vote(campaign, page, voter, chosen, now);
    }

    private static Vote vote(
            String campaign, Ballot.Page page, String voter, List<Integer> chosen, Instant now) {
        var question = page.question();
        return Vote.newBuilder()
                .setAnswerId(Identity.answerId(campaign, question.id(), voter))
                .setCampaign(campaign)
                .setQuestionId(question.id())
                .setForm(question.form())
                .setPromptId(question.promptId())
                .setText(question.text())
                .setCategory(question.category())
                .setOptions(page.order().stream().map(Exhibit::toOption).toList())
                .setChosen(chosen)
                .setVoterId(voter)
                .setAnsweredAt(now)
                .build();
    }
}
