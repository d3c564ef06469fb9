package io.mitune.diffusion.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.safetensors.WeightFiles;
import io.mitune.diffusion.scheduler.SchedulerKind;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A component's weights are in memory while it is at work, not before and not after. */
class ResidentWeightsTest {
    private StableDiffusion model;

    @ParameterizedTest
    @CsvSource({
        "epsilon-fp32, DDIM, text_encoder",
        "xl-fp32, DDIM, text_encoder_2",
        "sd35-fp32, FLOW_MATCH_EULER, text_encoder_3"
    })
    void componentsComeAndGo(String name, SchedulerKind scheduler, String lastEncoder) {
        model = StableDiffusion.load(ParityCase.of(name).model(), LoadOptions.plain());
        try (var generator = new ImageGenerator(model)) {
            assertEquals(0, releasable());
            try (var scratch = model.manager().newSubManager()) {
                model.text().encode(scratch, "a red cat");
            }
            int encoder = releasable();
            assertTrue(encoder > 0, "a text encoder is there when asked");
            var files = ParityCase.of(name).model().resolve(lastEncoder);
            int most = WeightFiles.find(files, "model").names().size();
            assertTrue(encoder <= most, "only the last one: " + encoder + " of " + most);
            model.vae();
            assertTrue(releasable() > 10, "the autoencoder is there when asked");

            var settings =
                    new SamplingSettings(scheduler, 4, 3, SamplingSettings.Score.OFFICIAL, 1);
            var request =
                    SamplingRequest.candidates(
                            "a red cat", Optional.empty(), new long[] {1, 2}, settings);
            var samples = generator.generate(request, new Watch());
            assertEquals(0, releasable());
            generator.decode(samples);
            assertEquals(0, releasable());
        } finally {
            model.close();
        }
    }

    /** Arrays that go when all is released that can be. */
    private int releasable() {
        int before = model.manager().getManagedArrays().size();
        model.text().release();
        model.releaseVae();
        return before - model.manager().getManagedArrays().size();
    }

    private final class Watch implements SamplingListener {
        @Override
        public Optional<StepObserver> observer(int first, int count) {
            return Optional.of(
                    (step, timestep, conditional, unconditional) -> assertEquals(0, releasable()));
        }
    }
}
