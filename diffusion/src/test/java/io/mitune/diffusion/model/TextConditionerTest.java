package io.mitune.diffusion.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mitune.diffusion.ParityCase;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextConditionerTest {
    private static final List<Optional<String>> TEXTS =
            List.of(
                    Optional.of("a red cat"),
                    Optional.empty(),
                    Optional.of("two dogs on a mat, and a hat"),
                    Optional.of(""));

    @ParameterizedTest
    @ValueSource(strings = {"epsilon-fp32", "xl-fp32", "sd35-fp32", "sd3-bf16"})
    void aTextHasTheSameBitsWhateverElseIsAskedFor(String name) {
        try (var model = StableDiffusion.load(ParityCase.of(name).model(), LoadOptions.plain());
                var owner = model.manager().newSubManager()) {
            assertEquals(List.of(), model.text().encode(owner, List.of()));
            var together = model.text().encode(owner, TEXTS);
            assertEquals(TEXTS.size(), together.size());
            for (int i = 0; i < TEXTS.size(); i++) {
                var alone = model.text().encode(owner, List.of(TEXTS.get(i))).get(0);
                assertArrayEquals(states(alone), states(together.get(i)));
                assertArrayEquals(pooled(alone), pooled(together.get(i)));
            }
        }
    }

    private static float[] states(TextEmbedding text) {
        return text.encoderHiddenStates().toFloatArray();
    }

    private static float[] pooled(TextEmbedding text) {
        return text.pooled().map(p -> p.toFloatArray()).orElse(new float[0]);
    }
}
