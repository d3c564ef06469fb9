package io.mitune.workers.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.sampling.ImageGenerator;
import io.mitune.diffusion.sampling.SamplingListener;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.sampling.SamplingSettings.Score;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.GenerationTask;
import io.mitune.schemas.Identity;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.schemas.serde.AvroSerde;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.WorkerListener;
import io.mitune.workers.queue.Emitter;
import io.mitune.workers.queue.Outcome;
import io.mitune.workers.support.Tasks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker's task on a tiny Stable Diffusion XL. */
class SdxlGenerationTest {
    private static final Path MODEL =
            Path.of("..", "diffusion", "src", "test", "resources", "parity", "xl-fp32", "model");
    private static final int COUNT = 3;

    @TempDir Path blobs;

    @BeforeAll
    static void trust() {
        AvroSerde.trustOwnRecords();
    }

    @Test
    void candidatesAreThoseThatTheModelDrawsByItself() {
        try (var model = WorkerModel.load(MODEL, LoadOptions.plain())) {
            var bench =
                    new Workbench(
                            model,
                            new DeviceLock(),
                            BlobStore.at(blobs),
                            "test",
                            WorkerListener.NONE);
            var task = Tasks.generation("the red cat", COUNT, 2);
            var held = GenerationTask.newBuilder(task).setNegativePrompt("a blue dog").build();
            var plain = draw(bench, task);
            assertEquals(scores(model, task, Optional.empty()), scores(plain));
            assertEquals(scores(model, task, Optional.of("a blue dog")), scores(draw(bench, held)));
            assertNotEquals(scores(plain), scores(draw(bench, held)));
            for (var candidate : plain) {
                var stored = LatentsBlob.get(bench.blobs(), candidate.getLatents());
                assertEquals(List.of(4L, 8L, 4L), boxed(stored.shape()));
            }
        }
    }

    private static List<Candidate> draw(Workbench bench, GenerationTask task) {
        var candidates = new ArrayList<Candidate>();
        Emitter<Candidate> out =
                new Emitter<>() {
                    @Override
                    public void emit(String key, Candidate value) {
                        candidates.add(value);
                    }

                    @Override
                    public void checkpoint() {}
                };
        assertEquals(Outcome.done(), new GenerationHandler(bench, true).handle(task, out));
        assertEquals(COUNT, candidates.size());
        return candidates;
    }

    private static List<Float> scores(List<Candidate> candidates) {
        return candidates.stream().map(c -> (float) c.getMi()).toList();
    }

    private static List<Float> scores(
            WorkerModel model, GenerationTask task, Optional<String> negative) {
        var settings = new SamplingSettings(SchedulerKind.DDPM, 4, 2, Score.OFFICIAL, 2);
        long[] seeds =
                IntStream.range(0, COUNT)
                        .mapToLong(
                                i -> Identity.candidateSeed(task.getSeed(), task.getPromptId(), i))
                        .toArray();
        try (var generator = new ImageGenerator(model.base())) {
            var request = SamplingRequest.candidates(task.getText(), negative, seeds, settings);
            return generator.generate(request, SamplingListener.NONE).samples().stream()
                    .map(s -> (float) s.mi().getAsDouble())
                    .toList();
        }
    }

    private static List<Long> boxed(long[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
