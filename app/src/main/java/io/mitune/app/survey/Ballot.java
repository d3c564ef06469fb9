package io.mitune.app.survey;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What one voter is asked, in order: a function of campaign, voter and questions, kept nowhere.
 *
 * <p>Places of pictures are balanced as in a Latin square: a voter's methods stand in a circle, and
 * each of m questions in a row begins at another of the m methods, in random order. So over any
 * such row each method is once in each place, and nobody can tell from one question where a method
 * is in the next. Immutable.
 *
 * @param pages in the order in which they are shown
 */
record Ballot(List<Page> pages) {
    /**
     * A question as one voter sees it.
     *
     * @param order its pictures in the order shown
     */
    record Page(Question question, List<Exhibit> order) {
        /**
         * The different pictures: one that several methods have is shown once, and counts for all.
         */
        List<Exhibit> shown() {
            var different = new LinkedHashMap<String, Exhibit>();
            order.forEach(exhibit -> different.putIfAbsent(exhibit.identity(), exhibit));
            return List.copyOf(different.values());
        }

        /** Whether one of two is to be chosen. */
        boolean isPair() {
            return question.form().equals("pair");
        }

        /** Places in {@link #order} of all methods that have one of these pictures. */
        List<Integer> places(List<Integer> ticked) {
            var pictures = ticked.stream().map(shown()::get).map(Exhibit::identity).toList();
            return IntStream.range(0, order.size())
                    .filter(place -> pictures.contains(order.get(place).identity()))
                    .boxed()
                    .toList();
        }
    }

    /** Copies the pages. */
    Ballot {
        pages = List.copyOf(pages);
    }

    /**
     * @param perCategory questions of each category, or all where there are fewer
     */
    static Ballot of(String campaign, String voter, List<Question> all, int perCategory) {
        Map<String, List<Question>> categories = new LinkedHashMap<>();
        for (var question : Lots.shuffled(all, Question::id, campaign, voter, "question")) {
            categories.computeIfAbsent(question.category(), c -> new ArrayList<>()).add(question);
        }
        var chosen = new ArrayList<Question>();
        categories
                .values()
                .forEach(of -> chosen.addAll(of.subList(0, Math.min(perCategory, of.size()))));
        var pages = new ArrayList<Page>();
        for (var question : Lots.shuffled(chosen, Question::id, campaign, voter, "place")) {
            pages.add(new Page(question, order(campaign, voter, question, pages.size())));
        }
        return new Ballot(pages);
    }

    private static List<Exhibit> order(String campaign, String voter, Question asked, int place) {
        int count = asked.exhibits().size();
        var circle = Lots.shuffled(asked.exhibits(), Exhibit::method, campaign, voter, "method");
        var starts = IntStream.range(0, count).boxed().toList();
        var block = "start " + place / count;
        int start =
                Lots.shuffled(starts, i -> Integer.toString(i), campaign, voter, block)
                        .get(place % count);
        return IntStream.range(0, count).mapToObj(i -> circle.get((start + i) % count)).toList();
    }
}
