package io.mitune.diffusion.adapter;

import java.util.List;

/**
 * An adapter together with the form in which it was found. Immutable.
 *
 * @param format of the file or folder
 * @param types element types in it, by their names in safetensors
 * @param adapter what it holds
 */
public record StoredAdapter(AdapterFormat format, List<String> types, AdapterWeights adapter) {
    public StoredAdapter {
        types = List.copyOf(types);
    }
}
