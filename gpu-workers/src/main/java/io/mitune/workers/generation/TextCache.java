package io.mitune.workers.generation;

import ai.djl.ndarray.NDArray;
import io.mitune.diffusion.model.StableDiffusion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Encodings of the texts used last.
 *
 * <p>A prompt comes in several tasks, the empty negative prompt in all. Each text is encoded alone,
 * so that its encoding does not depend on its neighbours. Used by the device's thread.
 */
final class TextCache {
    /** At 77 x 1024 fp32 about 80 MB, and more than the texts of any one micro-batch. */
    private static final int LIMIT = 256;

    private final StableDiffusion model;
    private final Map<String, NDArray> encodings = new LinkedHashMap<>(16, 0.75f, true);

    TextCache(StableDiffusion model) {
        this.model = model;
    }

    /** [1, L, D] fp32; the cache's own. */
    NDArray get(String text) {
        var known = encodings.get(text);
        if (known != null) {
            return known;
        }
        var encoding = model.encode(model.manager(), List.of(text));
        encodings.put(text, encoding);
        if (encodings.size() > LIMIT) {
            var eldest = encodings.entrySet().iterator();
            eldest.next().getValue().close();
            eldest.remove();
        }
        return encoding;
    }
}
