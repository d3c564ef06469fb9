package io.mitune.diffusion.model;

import ai.djl.ndarray.NDManager;
import io.mitune.diffusion.model.clip.ClipTextConfig;
import io.mitune.diffusion.model.clip.ClipTextModel;
import io.mitune.diffusion.nn.Adapters;
import io.mitune.diffusion.nn.Dtype;
import io.mitune.diffusion.nn.Weights;
import io.mitune.diffusion.safetensors.WeightFiles;

/**
 * A CLIP text tower whose weights are read when it is first asked for, and freed on demand. Not
 * thread-safe.
 */
final class ClipEncoder {
    private final WeightFiles files;
    private final ClipTextConfig config;
    private final NDManager parent;
    private final Dtype dtype;
    private NDManager manager; // null while nothing is loaded
    private ClipTextModel network; // null while nothing is loaded

    ClipEncoder(WeightFiles files, ClipTextConfig config, NDManager parent, Dtype dtype) {
        this.files = files;
        this.config = config;
        this.parent = parent;
        this.dtype = dtype;
    }

    ClipTextModel network() {
        if (network == null) {
            manager = parent.newSubManager();
            var weights = Weights.of(files, manager, dtype, Adapters.NONE);
            // transformers before 5 put the whole tower below this name
            boolean old = weights.holds("text_model.final_layer_norm.weight");
            network = new ClipTextModel(old ? weights.in("text_model") : weights, config);
            weights.requireAllRead();
        }
        return network;
    }

    void release() {
        if (network != null) {
            manager.close();
            network = null;
        }
    }
}
