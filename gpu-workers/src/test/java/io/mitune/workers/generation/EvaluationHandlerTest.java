package io.mitune.workers.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.image.Png;
import io.mitune.diffusion.image.RgbImage;
import io.mitune.diffusion.sampling.MiWeights;
import io.mitune.diffusion.sampling.Sample;
import io.mitune.diffusion.sampling.Samples;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.schemas.EvaluationTask;
import io.mitune.schemas.blobs.BlobStore;
import io.mitune.schemas.serde.AvroSerde;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.WorkerListener;
import io.mitune.workers.support.Tasks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An evaluation of two images of each of two prompts, without a model. */
class EvaluationHandlerTest {
    private static final Shape LATENT = new Shape(1, 1, 2);
    private static final double[] ONE = {1};
    private static final MiWeights WEIGHTS = new MiWeights(ONE, ONE, ONE, ONE, 0, 1000);
    private static final EvaluationTask TASK =
            EvaluationTask.newBuilder()
                    .setTaskId("run/0")
                    .setRun("run")
                    .setVersion(0)
                    .setRound(0)
                    .setPrompts(List.of("a cat", "a dog"))
                    .setImagesPerPrompt(2)
                    .setSeed(1)
                    .setSampling(Tasks.sampling(1))
                    .setMicroBatch(4)
                    .build();

    private final Scores scores = new Scores(2, 2);
    private final Diversity diversity = new Diversity(2, 2);
    private final List<Integer> decoded = new ArrayList<>();

    @TempDir Path directory;

    /** Images 0 to 3 have MI 1 to 4; those of a prompt are at right angles. */
    @Test
    void whatIsDrawnAgainForWantOfMemoryToDecodeItCountsOnce() {
        evaluate(2);
        assertEquals(List.of(4, 2, 2), decoded);
        assertEquals(List.of(1.5, 3.5), scores.byPrompt());
        assertEquals(2.5, scores.mean());
        assertTrue(scores.allFinite());
        assertEquals(1, diversity.mean().orElseThrow(), 1e-9);
    }

    @Test
    void aSheetShowsTheSameHoweverItWasDecoded() {
        var together = evaluate(4).store(blobs());
        assertTrue(together.isPresent());
        assertEquals(together, evaluate(2).store(blobs()));
    }

    @Test
    void aSheetOfManyLargePicturesCanBeMadeAndReadAgain() throws Exception {
        AvroSerde.trustOwnRecords();
        int prompts = 24;
        var large = new RgbImage(1024, 1024, new byte[3 << 20]);
        var task =
                EvaluationTask.newBuilder(TASK)
                        .setPrompts(Collections.nCopies(prompts, "a cat"))
                        .setImagesPerPrompt(1)
                        .build();
        var sheet =
                new Sheet(
                        task, Optional.of((latents, shape) -> Collections.nCopies(prompts, large)));
        var samples = Collections.nCopies(prompts, sample(0));
        sheet.add(0, new Samples(LATENT, samples, WEIGHTS));
        var page = Png.decode(blobs().get(sheet.store(blobs()).orElseThrow())).image();
        assertEquals(6 + prompts * (512 + 34), page.height());
    }

    @Test
    void withoutPicturesThereIsNoSheet() {
        var sheet = new Sheet(TASK, Optional.empty());
        draw(sheet);
        assertEquals(2.5, scores.mean());
        assertFalse(sheet.store(blobs()).isPresent());
    }

    /** Where {@code fits} samples can be decoded at a time. */
    private Sheet evaluate(int fits) {
        var sheet =
                new Sheet(
                        TASK,
                        Optional.of(
                                (latents, shape) -> {
                                    decoded.add(latents.size());
                                    if (latents.size() > fits) {
                                        throw new EngineException("CUDA out of memory.");
                                    }
                                    return latents.stream()
                                            .map(EvaluationHandlerTest::picture)
                                            .toList();
                                }));
        draw(sheet);
        return sheet;
    }

    private void draw(Sheet sheet) {
        var settings =
                new SamplingSettings(SchedulerKind.DDPM, 1, 2, SamplingSettings.Score.NONE, 4);
        Drawing.Model model =
                (request, listener) ->
                        new Samples(
                                LATENT,
                                request.entries().stream()
                                        .map(e -> sample((int) e.seed()))
                                        .toList(),
                                WEIGHTS);
        new Drawing(model, new DeviceLock(), WorkerListener.NONE, "run/0", new Nothing())
                .run(
                        new DrawPlan(settings, 0, 0),
                        4,
                        EvaluationHandlerTest::entries,
                        EvaluationHandler.sink(scores, diversity, sheet));
    }

    private static List<SamplingRequest.Entry> entries(int from, int end) {
        var entries = new ArrayList<SamplingRequest.Entry>();
        for (int i = from; i < end; i++) {
            entries.add(new SamplingRequest.Entry("a cat", Optional.empty(), i));
        }
        return entries;
    }

    private static Sample sample(int place) {
        var none = new float[1];
        var latents = place % 2 == 0 ? new float[] {1, 0} : new float[] {0, 1};
        return new Sample(place, latents, OptionalDouble.of(place + 1), none, none, true);
    }

    private static RgbImage picture(float[] latents) {
        byte red = (byte) (latents[0] * 127);
        return new RgbImage(1, 1, new byte[] {red, 0, 0});
    }

    private BlobStore blobs() {
        return BlobStore.at(directory);
    }
}
