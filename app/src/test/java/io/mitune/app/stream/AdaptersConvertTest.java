package io.mitune.app.stream;

import static io.mitune.app.CommandLineRunner.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mitune.app.TinyModel;
import io.mitune.diffusion.adapter.AdapterFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdaptersConvertTest {
    @TempDir Path folder;

    @Test
    void thereAndBackIsTheSameAdapter() {
        var original = TinyModel.CASE.resolve("adapter/diffusers");
        var peft = folder.resolve("peft");
        var back = folder.resolve("back.safetensors");
        var said = run("adapters", "convert", original, peft).ok().out();
        assertTrue(said.contains("rank 4, alpha 6.0"), said);
        run("adapters", "convert", peft, back).ok();

        var expected = AdapterFile.read(original);
        var found = AdapterFile.read(back);
        assertEquals(expected.config().rank(), found.config().rank());
        assertEquals(expected.config().alpha(), found.config().alpha());
        assertEquals(expected.modules().keySet(), found.modules().keySet());
        expected.modules()
                .forEach(
                        (path, factors) -> {
                            var same = found.modules().get(path);
                            assertArrayEquals(factors.a(), same.a(), path);
                            assertArrayEquals(factors.b(), same.b(), path);
                            assertArrayEquals(factors.magnitude(), same.magnitude(), path);
                        });
    }

    @Test
    void aFileThatIsNoAdapterIsTold() {
        var model = TinyModel.MODEL.resolve("unet/diffusion_pytorch_model.safetensors");
        var line = run("adapters", "convert", model, folder.resolve("x")).failedInOneLine();
        assertTrue(line.contains("diffusion_pytorch_model.safetensors"), line);
    }
}
