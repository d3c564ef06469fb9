package io.mitune.workers.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.sampling.MiWeights;
import io.mitune.diffusion.sampling.Sample;
import io.mitune.diffusion.sampling.Samples;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.scheduler.SchedulerKind;
import io.mitune.workers.DeviceLock;
import io.mitune.workers.WorkerListener;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class DrawingTest {
    private static final Shape LATENT = new Shape(1, 1, 1);
    private static final double[] ONE = {1};
    private static final MiWeights WEIGHTS = new MiWeights(ONE, ONE, ONE, ONE, 0, 1000);

    private static final SamplingRequest.Entry ENTRY =
            new SamplingRequest.Entry("a cat", Optional.empty(), 1);

    private final List<Integer> tried = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>();

    @Test
    void cutsFromTheFrontByTheTasksMicroBatch() {
        draw(7, 3, 100);
        assertEquals(List.of(3, 3, 1), tried);
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6), places);
    }

    @Test
    void halvesWhatDoesNotFitAndMakesEverySampleOnce() {
        draw(10, 8, 3);
        assertEquals(List.of(8, 4, 2, 2, 2, 2, 2), tried);
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), places);
    }

    @Test
    void oneThatDoesNotFitAloneIsAnError() {
        assertThrows(EngineException.class, () -> draw(2, 2, 0));
        assertEquals(List.of(2, 1), tried);
    }

    @Test
    void otherErrorsAreNotTakenForMemory() {
        assertFalse(Drawing.isOutOfMemory(new EngineException("device-side assert")));
        assertFalse(Drawing.isOutOfMemory(new IllegalStateException((String) null)));
        assertTrue(Drawing.isOutOfMemory(new EngineException("CUDA out of memory. Tried ...")));
    }

    /** Draws on a device that holds {@code fits} samples. */
    private void draw(int total, int microBatch, int fits) {
        var settings =
                new SamplingSettings(
                        SchedulerKind.DDPM, 1, 2, SamplingSettings.Score.NONE, microBatch);
        Drawing.Model model =
                (request, listener) -> {
                    int size = request.entries().size();
                    assertEquals(size, request.settings().microBatch());
                    tried.add(size);
                    if (size > fits) {
                        throw new EngineException("DefaultCPUAllocator: can't allocate memory");
                    }
                    var none = new float[1];
                    var one = new Sample(0, none, OptionalDouble.of(0), none, none, true);
                    return new Samples(LATENT, Collections.nCopies(size, one), WEIGHTS);
                };
        new Drawing(model, new DeviceLock(), WorkerListener.NONE, "task", new Nothing())
                .run(
                        new DrawPlan(settings, 0, 0),
                        total,
                        (from, end) -> Collections.nCopies(end - from, ENTRY),
                        (first, samples, seconds) -> {
                            for (int i = 0; i < samples.samples().size(); i++) {
                                places.add(first + i);
                            }
                        });
    }
}
