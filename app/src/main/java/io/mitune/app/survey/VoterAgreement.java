package io.mitune.app.survey;

import java.util.Collection;

/**
 * How far voters agree with each other about the same pictures: Krippendorff's alpha for two
 * values, chosen or not (Content Analysis, 2004). 1 is agreement, 0 what chance would give.
 * Pictures that one voter alone saw say nothing. Stateless.
 *
 * <pre>
 *   alpha = 1 - Do / De,  Do = sum over pictures of 2 c (m - c) / (m - 1) / n
 *   De = 2 C (n - C) / (n (n - 1)),  m voters of a picture, c chose it, n = sum m, C = sum c
 * </pre>
 */
final class VoterAgreement {
    private VoterAgreement() {}

    /** NaN where all votes are the same, or no picture was seen twice. */
    static double alpha(Collection<Share> pictures) {
        double apart = 0, votes = 0, chosen = 0;
        for (var picture : pictures) {
            if (picture.shown() > 1) {
                var against = (double) picture.shown() - picture.chosen();
                apart += 2 * picture.chosen() * against / (picture.shown() - 1);
                votes += picture.shown();
                chosen += picture.chosen();
            }
        }
        var byChance = 2 * chosen * (votes - chosen) / (votes * (votes - 1));
        return byChance > 0 ? 1 - apart / votes / byChance : Double.NaN;
    }
}
