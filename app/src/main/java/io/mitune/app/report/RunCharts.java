package io.mitune.app.report;

import io.mitune.app.report.Report.Bar;
import io.mitune.app.report.Report.Bars;
import io.mitune.app.report.Report.Chart;
import io.mitune.app.report.Report.Curve;
import io.mitune.app.report.Report.Point;
import io.mitune.schemas.TrainingStep;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The charts of a run. Stateless. */
final class RunCharts {
    private static final int BINS = 40;
    private static final int MAX_POINTS = 2000;

    private RunCharts() {}

    /** How the scores of all candidates and of those kept are spread. */
    static Bars scores(RunRecord run) {
        var bars = new ArrayList<Bar>();
        var all = run.drawn.stream().summaryStatistics();
        if (all.getCount() > 0) {
            double low = all.getMin();
            double width = Math.max((all.getMax() - low) / BINS, 1e-9);
            var drawn = shares(run.drawn, low, width);
            var kept = shares(run.kept, low, width);
            for (var bin = 0; bin < BINS; bin++) {
                var from = low + bin * width;
                bars.add(new Bar(from, from + width, drawn[bin], kept[bin]));
            }
        }
        return new Bars(
                "MI of candidates",
                "Pale: all candidates. Dark: those kept. Each adds up to 100 percent.",
                "point-wise MI, nats",
                "percent",
                bars);
    }

    /** One curve for each number that the trainer tells. */
    static List<Chart> training(RunRecord run) {
        return List.of(
                curve(run, "Training loss", "loss", TrainingStep::getLoss),
                curve(run, "Gradient norm", "before clipping", TrainingStep::getGradientNorm),
                curve(run, "Learning rate", "learning rate", TrainingStep::getLearningRate),
                curve(run, "Training speed", "samples/s", TrainingStep::getSamplesPerSecond),
                curve(run, "Staleness", "versions", TrainingStep::getStaleness));
    }

    private static Curve curve(
            RunRecord run, String title, String unit, ToDoubleFunction<TrainingStep> value) {
        var points = new ArrayList<Point>();
        int every = run.steps.size() / MAX_POINTS + 1;
        var number = 0;
        for (var step : run.steps.values()) {
            if (number++ % every == 0) {
                points.add(new Point(step.getStep(), value.applyAsDouble(step)));
            }
        }
        var note = every == 1 ? "" : "One of " + every + " steps.";
        return new Curve(title, note, "optimizer step", unit, points);
    }

    private static double[] shares(MiValues values, double low, double width) {
        var shares = new double[BINS];
        double each = 100.0 / Math.max(1, values.stream().count());
        values.stream()
                .forEach(
                        v -> {
                            var bin = (int) Math.floor((v - low) / width);
                            shares[Math.max(0, Math.min(BINS - 1, bin))] += each;
                        });
        return shares;
    }
}
