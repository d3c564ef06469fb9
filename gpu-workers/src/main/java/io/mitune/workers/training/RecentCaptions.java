package io.mitune.workers.training;

import io.mitune.diffusion.model.StableDiffusion;
import io.mitune.diffusion.training.EncodedCaption;
import java.util.LinkedHashMap;

/**
 * Encoded captions of samples that come one by one: those used last, up to a number of bytes, since
 * one is 0.3 MiB for Stable Diffusion 2 and 5.2 MiB for Stable Diffusion 3.
 *
 * <p>Not thread-safe; whoever calls holds the device.
 */
final class RecentCaptions {
    private static final long BYTES = 256L << 20;

    private final StableDiffusion model;
    private final LinkedHashMap<String, EncodedCaption> captions =
            new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    RecentCaptions(StableDiffusion model) {
        this.model = model;
    }

    EncodedCaption get(String text) {
        var known = captions.get(text);
        if (known != null) {
            return known;
        }
        var caption = EncodedCaption.of(model, text);
        captions.put(text, caption);
        bytes += caption.bytes();
        var oldest = captions.values().iterator();
        while (bytes > BYTES) {
            bytes -= oldest.next().bytes();
            oldest.remove();
        }
        return caption;
    }
}
