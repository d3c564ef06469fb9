package io.mitune.app.faults;

import io.mitune.app.TinyModel;
import io.mitune.schemas.SamplingSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the roles have to do. Streams and oracle get it from here, each in its own form.
 *
 * @param rounds rounds of one run, published at once
 * @param prompts prompts of a round
 * @param candidates candidates of a prompt
 * @param trainingSteps optimizer steps of a round
 */
record Workload(int rounds, int prompts, int candidates, int trainingSteps) {
    static final Path MODEL = TinyModel.MODEL;
    static final String RUN = "faults";
    static final int KEEP = 2;
    static final int PER_TASK = 2;
    static final int INFERENCE_STEPS = 12;
    static final double GUIDANCE = 2;
    static final long SEED = 7;
    static final int CHECKPOINT_EVERY = 2;

    private static final List<String> COLOURS = List.of("red", "blue", "green");
    private static final List<String> ANIMALS = List.of("cat", "dog", "bird", "fish");

    /** Enough for each role to be hit in the middle of its work. */
    static Workload small() {
        return new Workload(2, 4, 4, 8);
    }

    /** For the long version. */
    static Workload large() {
        return new Workload(3, 8, 6, 16);
    }

    /** The texts of a round, in the order of its batch. */
    List<String> texts(int round) {
        return IntStream.range(0, prompts)
                .map(i -> round * prompts + i)
                .mapToObj(i -> "a " + pick(COLOURS, i) + " " + pick(ANIMALS, i))
                .toList();
    }

    static String batch(int round) {
        return "round-" + round;
    }

    static SamplingSettings sampling() {
        return SamplingSettings.newBuilder()
                .setScheduler("ddpm")
                .setNumInferenceSteps(INFERENCE_STEPS)
                .setGuidanceScale(GUIDANCE)
                .build();
    }

    /** Options of the trainer that say how it trains. */
    List<String> trainingOptions() {
        return List.of(
                "--rank=2",
                "--steps=" + trainingSteps,
                "--train-batch-size=2",
                "--gradient-accumulation-steps=2",
                "--learning-rate=1e-3",
                "--caption-dropout=0.1",
                "--ema-decay=0.9",
                "--seed=11");
    }

    int candidatesInAll() {
        return rounds * prompts * candidates;
    }

    int curatedInAll() {
        return rounds * prompts * KEEP;
    }

    int stepsInAll() {
        return rounds * trainingSteps;
    }

    private static String pick(List<String> from, int i) {
        return from.get(i % from.size());
    }
}
