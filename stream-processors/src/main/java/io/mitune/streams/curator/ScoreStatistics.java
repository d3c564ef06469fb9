package io.mitune.streams.curator;

import java.util.List;

/**
 * Mean, population standard deviation, least and greatest score, in nats; all 0 when there is no
 * candidate. Summed in the list's order, so that the same list gives the same bits. Immutable.
 */
record ScoreStatistics(double mean, double std, double min, double max) {

    static ScoreStatistics of(List<Scored> valid) {
        if (valid.isEmpty()) {
            return new ScoreStatistics(0, 0, 0, 0);
        }
        double sum = 0;
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (var c : valid) {
            sum += c.score();
            min = Math.min(min, c.score());
            max = Math.max(max, c.score());
        }
        double mean = sum / valid.size();
        double squares = 0;
        for (var c : valid) {
            squares += (c.score() - mean) * (c.score() - mean);
        }
        return new ScoreStatistics(mean, Math.sqrt(squares / valid.size()), min, max);
    }
}
