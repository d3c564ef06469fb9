package io.mitune.app.cli;

import ai.djl.Device;
import io.mitune.diffusion.nn.Dtype;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which model, and how it runs. */
public final class ModelOptions {
    @Option(
            names = "--model",
            paramLabel = "DIR",
            required = true,
            description = "Stable Diffusion model, a diffusers directory.")
    private Path model;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "fp32",
            description = "fp32, bf16 or fp16 (default: ${DEFAULT-VALUE}).")
    private String dtype;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description = "cpu, gpu or gpu:N (default: ${DEFAULT-VALUE}).")
    private String device;

    /** The model's directory; that it is one is checked here, what is in it by the loader. */
    public Path directory() {
        if (!Files.isDirectory(model)) {
            throw new UserError(
                    "--model: expected a folder with model_index.json, found "
                            + (Files.exists(model) ? "the file " : "nothing at ")
                            + model);
        }
        return model;
    }

    /** The denoiser's type. */
    public Dtype dtype() {
        return Dtype.of(dtype);
    }

    /** The checked device. */
    public Device device() {
        return DeviceName.parse("--device", device);
    }
}
