package io.mitune.diffusion.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.safetensors.ModelFileException;
import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.diffusion.safetensors.TensorType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightsTest {
    @TempDir Path dir;
    private NDManager manager;

    @BeforeEach
    void open() {
        Torch.setUp();
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** 1, -2.5, 0.15625, 65280: exact in all three types. */
    private TinyWeights inEveryType() {
        var f16 = new int[] {0x3c00, 0xc100, 0x3100, 0x7bf8};
        var bf16 = new int[] {0x3f80, 0xc020, 0x3e20, 0x477f};
        return new TinyWeights(dir)
                .with("F32", new float[] {1, -2.5f, 0.15625f, 65280}, 2, 2)
                .with("F16", new Tensor(TensorType.F16, List.of(2L, 2L), shorts(f16)))
                .with("BF16", new Tensor(TensorType.BF16, List.of(2L, 2L), shorts(bf16)));
    }

    @ParameterizedTest
    @EnumSource
    void convertsEveryStoredTypeToEveryDtype(Dtype dtype) {
        var weights = inEveryType().open(manager, dtype);
        for (var key : List.of("F32", "F16", "BF16")) {
            var array = weights.get(key, 2, 2);
            System.gc(); // the mapped buffer must be kept by whoever still reads it
            assertArrayEquals(
                    new float[] {1, -2.5f, 0.15625f, 65280},
                    Dtype.FP32.cast(array).toFloatArray(),
                    key);
        }
    }

    @Test
    void namesFileKeyExpectedAndFoundShape() {
        var weights = inEveryType().open(manager, Dtype.FP32);
        var e = assertThrows(ModelFileException.class, () -> weights.get("F32", 4));
        assertEquals(
                dir.resolve("tiny.safetensors") + ": key F32: expected shape [4], found [2, 2]",
                e.getMessage());
    }

    @Test
    void namesAMissingKeyWithItsWholePath() {
        var weights = inEveryType().open(manager, Dtype.FP32).in("down_blocks").in(0);
        var e = assertThrows(ModelFileException.class, () -> weights.get("weight", 4));
        assertTrue(e.getMessage().endsWith("missing key down_blocks.0.weight"), e.getMessage());
    }

    @Test
    void refusesAnIntegerWeight() {
        var weights =
                new TinyWeights(dir)
                        .with("i", new Tensor(TensorType.I64, List.of(1L), ByteBuffer.allocate(8)))
                        .open(manager, Dtype.FP32);
        var e = assertThrows(ModelFileException.class, () -> weights.get("i", 1));
        assertTrue(e.getMessage().endsWith("expected dtype F32, F16 or BF16, found I64"));
    }

    @Test
    void noticesAnUnreadKey() {
        var weights = inEveryType().open(manager, Dtype.FP32);
        weights.get("F32", 2, 2);
        weights.ignore("F16");
        var e = assertThrows(ModelFileException.class, weights::requireAllRead);
        assertTrue(e.getMessage().contains("unread key BF16 (and 0 more)"), e.getMessage());
        weights.get("BF16", 2, 2);
        assertDoesNotThrow(weights::requireAllRead);
    }

    private static ByteBuffer shorts(int[] bits) {
        var buffer = ByteBuffer.allocate(2 * bits.length).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int b : bits) {
            buffer.putShort((short) b);
        }
        return buffer.flip();
    }
}
