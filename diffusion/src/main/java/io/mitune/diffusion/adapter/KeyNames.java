package io.mitune.diffusion.adapter;

import java.util.Optional;

/** How a form of adapter file names its tensors. */
interface KeyNames {
    /** What a key stands for; nothing if it is none of this form. */
    Optional<AdapterKey> read(String key);

    /** The keys that {@link #read} knows, for error messages. */
    String expected();
}
