package io.mitune.streams.curator;

import io.mitune.schemas.Candidate;
import java.util.List;
import java.util.Optional;

/**
 * How a candidate's score is made of what its record logged; no model is asked.
 *
 * <pre>
 * score = mean over steps with from &lt; t &lt; to of the step's term
 * </pre>
 *
 * <p>The official terms are those of the score as logged. The paper's have the further factor 1 /
 * alpha_t for a diffusion (MI-TUNE, eq. 2), and for a rectified flow the velocity of the prompt
 * alone instead of the guided one (arXiv 2503.14358). Summed like the model code sums, so that the
 * same window gives the same bits. Immutable.
 *
 * @param estimator which terms
 * @param window which steps; empty for those of the score as logged
 */
public record ScoreRule(Estimator estimator, Optional<Window> window) {
    /** Which of the logged terms. */
    public enum Estimator {
        OFFICIAL,
        PAPER
    }

    /**
     * An open interval of timesteps, as logged: whole numbers, of a rectified flow 1000 t.
     *
     * @param from outside
     * @param to outside
     */
    public record Window(double from, double to) {
        /** What workers score with: the last steps and pure noise are left out. */
        static final Window LOGGED = new Window(50, 1000);

        public Window {
            PolicyFault.unless(
                    from >= 0 && to <= 1000 && from < to,
                    "window: expected 0 <= from < to <= 1000",
                    from + " to " + to);
        }

        boolean has(int timestep) {
            return timestep > from && timestep < to;
        }
    }

    /** The score as the worker logged it. */
    public static final ScoreRule LOGGED = new ScoreRule(Estimator.OFFICIAL, Optional.empty());

    /** The score in nats; NaN when the record lacks the terms or no step lies in the window. */
    public double of(Candidate c) {
        return equals(LOGGED) ? c.getMi() : mean(c);
    }

    /** Such as mi, or mi (paper, 100 &lt; t &lt; 900), for the reason in a curated record. */
    String measure() {
        if (equals(LOGGED)) {
            return "mi";
        }
        var name = estimator == Estimator.PAPER ? "paper" : "official";
        return window.map(w -> "mi (%s, %s < t < %s)".formatted(name, w.from(), w.to()))
                .orElse("mi (" + name + ")");
    }

    private double mean(Candidate c) {
        List<Float> terms = estimator == Estimator.PAPER ? c.getPaperTerms() : c.getMiTerms();
        if (terms.size() != c.getTimesteps().size()) {
            return Double.NaN;
        }
        var steps = window.orElse(Window.LOGGED);
        double sum = 0;
        int count = 0;
        for (int k = 0; k < terms.size(); k++) {
            if (steps.has(c.getTimesteps().get(k))) {
                sum += terms.get(k);
                count++;
            }
        }
        return sum / count;
    }
}
