package io.mitune.app.export.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mitune.diffusion.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Tensors in the files of NumPy and PyTorch. */
class TensorFilesTest {
    private static final Path FROZEN = Path.of("src", "test", "resources", "export", "tensor.pt");

    @Test
    void djlReadsTheNpyFile() {
        for (var shape : new long[][] {{1, 2, 3, 4}, {24}, {1, 24}}) {
            try (var manager = NDManager.newBaseManager()) {
                var bytes = NpyFile.bytes(Tensor.f32(values(), shape));
                var read = NDList.decode(manager, bytes).get(0);
                assertEquals(new Shape(shape), read.getShape());
                assertArrayEquals(values(), read.toFloatArray());
            }
        }
    }

    /** PyTorch reads the frozen file as arange(24) of this shape: tools/export/check.py. */
    @Test
    void theTorchFileIsTheOneThatTorchWasSeenToRead() throws IOException {
        var bytes = TorchFile.bytes(Tensor.f32(values(), 1, 2, 3, 4));
        assertArrayEquals(Files.readAllBytes(FROZEN), bytes);
    }

    private static float[] values() {
        var values = new float[24];
        for (var i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return values;
    }
}
