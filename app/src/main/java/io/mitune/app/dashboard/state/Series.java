package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.schemas.TrainingStep;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * The training of one run as curves of a few hundred points, however long it is.
 *
 * <p>A point is one step at first; when there are too many, neighbours are joined and a point is
 * their mean. A step that comes again replaces itself while points are single steps, and weighs
 * double later, which moves nothing, since a step that is done again has the same values. Not
 * thread-safe.
 */
final class Series {
    private static final int MAX_POINTS = 300;

    private static final class Point {
        private int steps;
        private double loss;
        private double gradientNorm;
        private double learningRate;
        private double samplesPerSecond;
        private double staleness;

        void add(Point other) {
            steps += other.steps;
            loss += other.loss;
            gradientNorm += other.gradientNorm;
            learningRate += other.learningRate;
            samplesPerSecond += other.samplesPerSecond;
            staleness += other.staleness;
        }
    }

    private final TreeMap<Integer, Point> points = new TreeMap<>();
    private int stepsPerPoint = 1;
    private int lastStep;
    private int round;
    private long skipped;

    void add(TrainingStep step) {
        var point = new Point();
        point.steps = 1;
        point.loss = step.getLoss();
        point.gradientNorm = step.getGradientNorm();
        point.learningRate = step.getLearningRate();
        point.samplesPerSecond = step.getSamplesPerSecond();
        point.staleness = step.getStaleness();
        if (stepsPerPoint == 1) {
            points.put(step.getStep(), point);
        } else {
            join(points, step.getStep() / stepsPerPoint, point);
        }
        while (points.size() > MAX_POINTS) {
            widen();
        }
        lastStep = Math.max(lastStep, step.getStep());
        round = Math.max(round, step.getRound());
        skipped = Math.max(skipped, step.getSkippedSteps());
    }

    ObjectNode json() {
        var object = Json.object().put("steps", lastStep).put("round", round);
        object.put("skipped", skipped);
        var numbers = object.putArray("step");
        points.keySet().forEach(n -> numbers.add(stepsPerPoint == 1 ? n : (n + 1) * stepsPerPoint));
        column(object, "loss", point -> point.loss);
        column(object, "gradientNorm", point -> point.gradientNorm);
        column(object, "learningRate", point -> point.learningRate);
        column(object, "samplesPerSecond", point -> point.samplesPerSecond);
        column(object, "staleness", point -> point.staleness);
        return object;
    }

    private void column(ObjectNode object, String name, ToDoubleFunction<Point> sum) {
        var list = object.putArray(name);
        points.values().forEach(p -> Json.add(list, sum.applyAsDouble(p) / p.steps));
    }

    private void widen() {
        var wider = new TreeMap<Integer, Point>();
        points.forEach((number, point) -> join(wider, number / 2, point));
        points.clear();
        points.putAll(wider);
        stepsPerPoint *= 2;
    }

    private static void join(TreeMap<Integer, Point> into, int number, Point point) {
        into.computeIfAbsent(number, n -> new Point()).add(point);
    }
}
