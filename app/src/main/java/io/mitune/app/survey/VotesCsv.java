package io.mitune.app.survey;

import io.mitune.schemas.Vote;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;

/**
 * Answers in the columns of the authors' survey: one row a question, {@code True} or {@code False}
 * for each method, prompt and category; empty where a question was without the method. Stateless.
 */
final class VotesCsv {
    private static final Comparator<Vote> ORDER =
            Comparator.comparing(Vote::getVoterId)
                    .thenComparing(Vote::getAnsweredAt)
                    .thenComparing(Vote::getQuestionId);

    private VotesCsv() {}

    /**
     * The lines of a file, the head first.
     *
     * @param withVoter whether a last column tells voters apart
     */
    static List<String> lines(Collection<Vote> votes, boolean withVoter) {
        var methods = new TreeSet<String>();
        votes.forEach(vote -> vote.getOptions().forEach(o -> methods.add(o.getMethod())));
        var head = new ArrayList<>(List.of("category", "prompt"));
        head.addAll(methods);
        if (withVoter) {
            head.add("voter");
        }
        var lines = new ArrayList<String>();
        lines.add(line(head));
        votes.stream()
                .sorted(ORDER)
                .map(vote -> line(cells(vote, methods, withVoter)))
                .forEach(lines::add);
        return lines;
    }

    private static List<String> cells(Vote vote, Collection<String> methods, boolean withVoter) {
        var answers = new HashMap<String, Boolean>();
        var chosen = new HashSet<>(vote.getChosen());
        for (var i = 0; i < vote.getOptions().size(); i++) {
            answers.merge(
                    vote.getOptions().get(i).getMethod(), chosen.contains(i), Boolean::logicalOr);
        }
        var cells = new ArrayList<>(List.of(vote.getCategory(), vote.getText()));
        for (var method : methods) {
            cells.add(!answers.containsKey(method) ? "" : answers.get(method) ? "True" : "False");
        }
        if (withVoter) {
            cells.add(vote.getVoterId());
        }
        return cells;
    }

    private static String line(List<String> cells) {
        return String.join(",", cells.stream().map(VotesCsv::quoted).toList());
    }

    private static String quoted(String cell) {
        return cell.matches("(?s).*[,\"\\r\\n].*") ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
    }
}
