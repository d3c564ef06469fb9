package io.mitune.diffusion.adapter;

/**
 * What a key of an adapter file stands for.
 *
 * @param path dotted path of the module
 * @param part of that module's adapter
 */
record AdapterKey(String path, Part part) {
    /** The tensors of one module. */
    enum Part {
        A,
        B,
        MAGNITUDE,
        ALPHA
    }
}
