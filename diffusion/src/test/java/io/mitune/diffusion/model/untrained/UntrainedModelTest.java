package io.mitune.diffusion.model.untrained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.diffusion.model.Family;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.sampling.ImageGenerator;
import io.mitune.diffusion.sampling.SamplingListener;
import io.mitune.diffusion.sampling.SamplingRequest;
import io.mitune.diffusion.sampling.SamplingSettings;
import io.mitune.diffusion.scheduler.SchedulerKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UntrainedModelTest {
    private static final Path TOKENIZER = Path.of("../demo/model/tokenizer");

    @TempDir private Path folder;

    /** Texts matter, and nothing overflows: what the stream needs of a model. */
    @ParameterizedTest
    @EnumSource(
            value = Family.class,
            names = {"SDXL", "SD3"})
    void drawsAndScores(Family family) {
        UntrainedModel.write(folder, family, TOKENIZER);
        try (var model = StableDiffusion.load(folder, LoadOptions.plain());
                var generator = new ImageGenerator(model)) {
            assertEquals(family, model.family());
            var samples =
                    generator.generate(
                            new SamplingRequest(
                                    List.of(entry("a red circle"), entry("two blue squares")),
                                    settings(family),
                                    0,
                                    0),
                            SamplingListener.NONE);
            for (var sample : samples.samples()) {
                assertTrue(sample.finite());
                assertTrue(sample.mi().getAsDouble() != 0);
            }
            var mi = samples.samples().stream().mapToDouble(s -> s.mi().getAsDouble()).toArray();
            assertNotEquals(mi[0], mi[1]);
            var images = generator.decode(samples);
            assertEquals(64, images.get(0).width());
            assertNotEquals(images.get(0).value(3, 3, 0), images.get(0).value(40, 50, 0));
        }
    }

    private static SamplingRequest.Entry entry(String prompt) {
        return new SamplingRequest.Entry(prompt, Optional.empty(), 7);
    }

    private static SamplingSettings settings(Family family) {
        var kind = family == Family.SD3 ? SchedulerKind.FLOW_MATCH_EULER : SchedulerKind.DDIM;
        return new SamplingSettings(kind, 4, 3, SamplingSettings.Score.OFFICIAL, 2);
    }

    @Test
    void theSameFilesAtEachCall() throws IOException {
        var first = folder.resolve("first");
        var second = folder.resolve("second");
        UntrainedModel.write(first, Family.SD3, TOKENIZER);
        UntrainedModel.write(second, Family.SD3, TOKENIZER);
        try (var files = Files.walk(first)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var other = second.resolve(first.relativize(file));
                assertEquals(-1, Files.mismatch(file, other), other.toString());
            }
        }
        Files.writeString(second.resolve("model_index.json"), "{}");
        UntrainedModel.write(second, Family.SD3, TOKENIZER);
        assertEquals("{}", Files.readString(second.resolve("model_index.json")), "left alone");
    }

    @Test
    void refusesFamiliesThatAreShipped() {
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> UntrainedModel.write(folder, Family.SD, TOKENIZER));
        assertEquals("untrained model: expected sdxl or sd3, found sd", error.getMessage());
    }
}
