package io.mitune.app.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.Device;
import io.mitune.app.TinyModel;
import io.mitune.app.generate.Studio;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.sampling.MiEstimator;
import io.mitune.diffusion.sampling.SamplingListener;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.serde.AvroSerde;
import io.mitune.streams.curator.ScoreRule;
import io.mitune.streams.curator.ScoreRule.Estimator;
import io.mitune.streams.curator.ScoreRule.Window;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a policy makes of logged terms is, to the bit, what the model's own code would score. */
class RecomputedScoreTest {
    private static final long[] SEEDS = {1, 2, 3};
    private static final double GUIDANCE = 2.5;

    static {
        AvroSerde.trustOwnRecords();
    }

    @ParameterizedTest
    @CsvSource({"epsilon-fp32,DDPM", "velocity-fp16,DDIM", "sd35-fp32,FLOW_MATCH_EULER"})
    void estimatorsAndWindows(String model, SchedulerKind scheduler) {
        var directory = TinyModel.CASE.resolveSibling(model).resolve("model");
        try (var studio = new Studio(directory, Device.cpu(), Dtype.FP32)) {
            var logged = candidates(studio, scheduler, Score.OFFICIAL);
            for (double from : new double[] {50, 400}) {
                for (var estimator : MiEstimator.values()) {
                    var asked = candidates(studio, scheduler, new Score(true, estimator, from));
                    var rule =
                            new ScoreRule(
                                    Estimator.valueOf(estimator.name()),
                                    Optional.of(new Window(from, 1000)));
                    for (int i = 0; i < SEEDS.length; i++) {
                        assertEquals(asked.get(i).getMi(), rule.of(logged.get(i)));
                    }
                }
            }
            var one = logged.get(0);
            assertEquals(one.getMi(), ScoreRule.LOGGED.of(one));
            var paper = new ScoreRule(Estimator.PAPER, Optional.empty());
            assertNotEquals(one.getMi(), paper.of(one));
        }
    }

    /** As the worker logs them. */
    private static List<Candidate> candidates(Studio studio, SchedulerKind scheduler, Score score) {
        var settings = new SamplingSettings(scheduler, 20, GUIDANCE, score, 4);
        var request = SamplingRequest.candidates("the red cat", Optional.empty(), SEEDS, settings);
        var samples = studio.generator().generate(request, SamplingListener.NONE);
        var timesteps =
                Arrays.stream(samples.timesteps()).mapToObj(t -> (int) Math.round(t)).toList();
        var candidates = new ArrayList<Candidate>();
        for (var sample : samples.samples()) {
            candidates.add(
                    RecurateIT.candidate(candidates.size())
                            .setMi(sample.mi().orElseThrow())
                            .setTimesteps(timesteps)
                            .setMiTerms(floats(sample.terms()))
                            .setPaperTerms(floats(sample.paperTerms()))
                            .setCreatedAt(Instant.EPOCH)
                            .build());
        }
        return candidates;
    }

    private static List<Float> floats(float[] values) {
        var list = new ArrayList<Float>();
        for (float value : values) {
            list.add(value);
        }
        return list;
    }
}
