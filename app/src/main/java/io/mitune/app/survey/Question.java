package io.mitune.app.survey;

import java.util.ArrayList;
import java.util.List;

/**
 * A prompt with the pictures that are compared for it. Immutable.
 *
 * @param id follows from form, prompt and pictures: other pictures make another question
 * @param form methods, metrics or pair
 * @param promptId of the stream, or the text's own
 * @param text the prompt
 * @param category its label, or empty
 * @param exhibits one for each method, in the order in which methods were given
 */
record Question(
        String id,
        String form,
        String promptId,
        String text,
        String category,
        List<Exhibit> exhibits) {

    /** Copies the list. */
    Question {
        exhibits = List.copyOf(exhibits);
    }

    /** Gives it its id. */
    static Question of(
            String form, String promptId, String text, String category, List<Exhibit> exhibits) {
        var parts = new ArrayList<>(List.of("question", form, promptId, text));
        exhibits.forEach(e -> parts.addAll(List.of(e.method(), e.identity())));
        var id = Lots.draw(parts);
        return new Question(id, form, promptId, text, category, exhibits);
    }

    /** What a picture's address ends with: it says nothing of the method. */
    String pictureKey(String campaign, Exhibit exhibit) {
        return Lots.draw(List.of("picture", campaign, id, exhibit.identity()));
    }
}
