package io.mitune.diffusion.model.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.ParityCase;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Torch;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.WeightFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both text encoders of SDXL on their own, given the ids that transformers made. */
class ClipTextModelWithProjectionTest {
    private static final double TOLERANCE = 1e-4;

    @ParameterizedTest
    @ValueSource(strings = {"xl-fp32", "xl-fp16"})
    void penultimateStatesAndProjectedVectors(String name) {
        var parity = ParityCase.of(name);
        Torch.setUp();
        try (var manager = NDManager.newBaseManager()) {
            var first = weights(parity, "text_encoder", manager);
            var states =
                    new ClipTextModel(first, config(parity, "text_encoder"))
                            .states(parity.get(manager, "text/ids"));
            first.requireAllRead();
            var second = weights(parity, "text_encoder_2", manager);
            var output =
                    new ClipTextModelWithProjection(second, config(parity, "text_encoder_2"))
                            .forward(parity.get(manager, "text/ids_2"));
            second.requireAllRead();
            NDArray joined = states.penultimate().concat(output.penultimate(), 2);
            parity.assertClose("text/embeddings", joined, TOLERANCE);
            parity.assertClose("text/pooled", output.projected(), TOLERANCE);
        }
    }

    /** Padding may be the end token itself, and old configurations say 2 for it. */
    @Test
    void theFirstEndTokenStandsForTheText() {
        assertEquals(2, ClipTextModelWithProjection.end(new long[] {9, 4, 5, 5, 5}, 5));
        assertEquals(2, ClipTextModelWithProjection.end(new long[] {8, 4, 9, 9, 0}, 2));
        assertEquals(1, ClipTextModelWithProjection.end(new long[] {4, 9, 2, 0, 0}, 2));
        assertEquals(0, ClipTextModelWithProjection.end(new long[] {4, 9, 2, 0, 0}, 7));
    }

    @Test
    void aProjectionOfAnotherWidthIsRefused() {
        var parity = ParityCase.of("xl-fp32");
        var c = config(parity, "text_encoder_2");
        var wider =
                new ClipTextConfig(
                        c.hiddenSize(),
                        c.intermediateSize(),
                        c.numHiddenLayers(),
                        c.numAttentionHeads(),
                        c.maxPositionEmbeddings(),
                        c.vocabSize(),
                        c.layerNormEps(),
                        c.quickGelu(),
                        12,
                        c.eosTokenId());
        try (var manager = NDManager.newBaseManager()) {
            var weights = weights(parity, "text_encoder_2", manager);
            var e =
                    assertThrows(
                            ModelFileException.class,
                            () -> new ClipTextModelWithProjection(weights, wider));
            var expected = "key text_projection.weight: expected shape [12, 14], found [10, 14]";
            assertTrue(e.getMessage().endsWith(expected), e.getMessage());
        }
    }

    private static ClipTextConfig config(ParityCase parity, String folder) {
        return ClipTextConfig.read(parity.model().resolve(folder).resolve("config.json"));
    }

    private static Weights weights(ParityCase parity, String folder, NDManager manager) {
        var files = WeightFiles.find(parity.model().resolve(folder), "model");
        return Weights.of(files, manager, Dtype.FP32, Adapters.NONE);
    }
}
