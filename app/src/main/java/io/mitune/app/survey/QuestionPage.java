package io.mitune.app.survey;

import static io.mitune.app.web.Html.text;

import io.mitune.schemas.Vote;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * One question as a form: the prompt, its pictures, and nothing that tells where they are from.
 * Stateless.
 */
final class QuestionPage {
    static final String CHOICE = "choice";
    static final String NEITHER = "none";
    static final String QUESTION = "question";

    private QuestionPage() {}

    /**
     * @param place of the question, from 1
     * @param before what this voter answered, if anything
     */
    static String of(
            SurveyPlan plan,
            Voter voter,
            int place,
            int count,
            Ballot.Page page,
            Optional<Vote> before) {
        var html = new StringBuilder();
        html.append("<p class=\"place\">Question %d of %d</p>\n".formatted(place, count));
        html.append(
                "<progress aria-label=\"Progress\" max=\"%d\" value=\"%d\"></progress>\n"
                        .formatted(count, place - 1));
        html.append("<form method=\"post\" action=\"%s/%d\">\n".formatted(voter.path(), place));
        html.append(
                "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n"
                        .formatted(QUESTION, page.question().id()));
        html.append("<h1 class=\"prompt\">").append(text(page.question().text())).append("</h1>\n");
        html.append("<fieldset>\n<legend>").append(task(page)).append("</legend>\n");
        html.append("<div class=\"choices\">\n");
        var ticked = ticked(page, before);
        for (var i = 0; i < page.shown().size(); i++) {
            html.append(picture(plan, page, i, ticked.contains(i)));
        }
        html.append("</div>\n");
        if (page.isPair()) {
            var chosen = before.isPresent() && ticked.isEmpty();
            html.append("<label class=\"neither\">")
                    .append(input("radio", NEITHER, chosen))
                    .append(" No difference</label>\n");
        }
        html.append("</fieldset>\n<div class=\"moves\">\n");
        html.append(
                place == 1
                        ? "<span></span>\n"
                        : "<a class=\"button\" href=\"%s/%d\">Previous</a>\n"
                                .formatted(voter.path(), place - 1));
        html.append("<button class=\"strong\">")
                .append(place < count ? "Next" : "Finish")
                .append("</button>\n</div>\n</form>\n");
        var title = "Question %d of %d - %s".formatted(place, count, plan.title());
        return SurveyPages.page(title, html.toString());
    }

    private static String task(Ballot.Page page) {
        return page.isPair()
                ? "Which picture shows this better?"
                : "Which pictures show this well? Tick all that do, or none.";
    }

    private static String picture(SurveyPlan plan, Ballot.Page page, int i, boolean isTicked) {
        var exhibit = page.shown().get(i);
        var key = page.question().pictureKey(plan.campaign(), exhibit);
        return """
                <label class="choice">
                <img src="/survey/picture/%s" alt="Picture %d">
                <span>%s Picture %d</span>
                </label>
                """
                .formatted(
                        key,
                        i + 1,
                        input(page.isPair() ? "radio" : "checkbox", "" + i, isTicked),
                        i + 1);
    }

    private static String input(String type, String value, boolean isTicked) {
        return "<input type=\"%s\" name=\"%s\" value=\"%s\"%s%s>"
                .formatted(
                        type,
                        CHOICE,
                        value,
                        type.equals("radio") ? " required" : "",
                        isTicked ? " checked" : "");
    }

    /** By pictures and not by places: an answer keeps its order, should the page have another. */
    private static Set<Integer> ticked(Ballot.Page page, Optional<Vote> before) {
        var ticked = new HashSet<Integer>();
        if (before.isEmpty()) {
            return ticked;
        }
        var methods = new HashSet<String>();
        for (var place : before.get().getChosen()) {
            methods.add(before.get().getOptions().get(place).getMethod());
        }
        for (var exhibit : page.order()) {
            if (methods.contains(exhibit.method())) {
                page.shown().stream()
                        .filter(shown -> shown.identity().equals(exhibit.identity()))
                        .forEach(shown -> ticked.add(page.shown().indexOf(shown)));
            }
        }
        return ticked;
    }
}
