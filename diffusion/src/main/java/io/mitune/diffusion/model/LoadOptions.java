package io.mitune.diffusion.model;

import ai.djl.Device;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;

/**
 * How to load a model.
 *
 * @param device where the weights go
 * @param dtype of the denoiser and the text encoders
 * @param vaeDtype of the autoencoder, fp32 unless asked otherwise
 * @param adapters trainable parts of the denoiser
 */
public record LoadOptions(Device device, Dtype dtype, Dtype vaeDtype, Adapters adapters) {
    /** fp32 on the CPU, no adapters. */
    public static LoadOptions plain() {
        return new LoadOptions(Device.cpu(), Dtype.FP32, Dtype.FP32, Adapters.NONE);
    }

    public LoadOptions with(Dtype dtype) {
        return new LoadOptions(device, dtype, vaeDtype, adapters);
    }

    public LoadOptions with(Adapters adapters) {
        return new LoadOptions(device, dtype, vaeDtype, adapters);
    }

    public LoadOptions with(Device device) {
        return new LoadOptions(device, dtype, vaeDtype, adapters);
    }
}
