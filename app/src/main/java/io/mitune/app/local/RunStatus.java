package io.mitune.app.local;

import io.mitune.schemas.Candidate;
import io.mitune.schemas.TrainingStep;
import java.util.Locale;

/** How far a run is, in one line. Stateless. */
final class RunStatus {
    private RunStatus() {}

    static String line(String run, RunState state) {
        var round = state.latestRound(run);
        if (round == 0) {
            return "run " + run + ": no candidates yet";
        }
        var candidates = state.candidates(run, round);
        Candidate any = candidates.get(0);
        var line = new StringBuilder("run " + run + ", round " + round);
        var wanted = (long) any.getRoundSize() * any.getCandidates();
        line.append(": candidates ").append(candidates.size()).append('/').append(wanted);
        line.append(", curated ").append(state.curatedPrompts(run, round));
        line.append('/').append(any.getRoundSize()).append(" prompts");
        state.steps(run).stream()
                .filter(step -> step.getRound() == round)
                .reduce((earlier, later) -> later)
                .ifPresent(step -> line.append(training(step)));
        state.current(run).ifPresent(a -> line.append(", adapter version ").append(a.getVersion()));
        if (state.decidedRound(run) >= round) {
            line.append(", done");
        }
        return line.toString();
    }

    private static String training(TrainingStep step) {
        return String.format(Locale.ROOT, ", step %d, loss %.4f", step.getStep(), step.getLoss());
    }
}
