package io.mitune.workers.support;

import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.DoraConfig;
import io.mitune.diffusion.adapter.TrainableAdapter;
import io.mitune.diffusion.model.LoadOptions;
import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.schemas.BlobRef;
import io.mitune.schemas.blobs.BlobStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The project's trained model, and adapters of it. */
public final class DemoModel {
    public static final Path DIRECTORY = Path.of("..", "demo", "model").toAbsolutePath();

    private DemoModel() {}

    /** A DoRA of rank 2 with A and magnitudes at their start values and B = {@code value}. */
    public static BlobRef adapter(BlobStore blobs, Path scratch, float value) {
        return adapter(blobs, scratch, DoraConfig.dora(2), value);
    }

    /** A LoRA of finite numbers that overflow as soon as they are used. */
    public static BlobRef brokenAdapter(BlobStore blobs, Path scratch) {
        return adapter(blobs, scratch, DoraConfig.lora(2), 1e38f);
    }

    private static BlobRef adapter(BlobStore blobs, Path scratch, DoraConfig config, float value) {
        var trainable = new TrainableAdapter(config);
        try (var model = StableDiffusion.load(DIRECTORY, LoadOptions.plain().with(trainable))) {
            float[] values = trainable.initial(7);
            for (int i = 0; i < values.length; i++) {
                values[i] = values[i] == 0 ? value : values[i];
            }
            var file = scratch.resolve("adapter-" + value + ".safetensors");
            var metadata = Map.of("base", model.modelDigest());
            AdapterFile.writeDiffusers(file, trainable.export("test", values, metadata));
            return blobs.put("adapters", "safetensors", Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
