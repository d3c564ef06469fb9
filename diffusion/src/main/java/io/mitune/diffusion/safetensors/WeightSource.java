package io.mitune.diffusion.safetensors;

import java.nio.file.Path;
import java.util.Set;

/** Where the weights of a network come from while it is built. */
public interface WeightSource {
    /** The keys that the network must ask for. */
    Set<String> names();

    /** Where a key of {@link #names} lies, for messages. */
    Path path(String key);

    /**
     * The file that holds a key.
     *
     * @param dims the shape that the network expects
     * @throws ModelFileException if no file has it, or has it in another shape
     */
    SafetensorsFile fileOf(String key, long... dims);
}
