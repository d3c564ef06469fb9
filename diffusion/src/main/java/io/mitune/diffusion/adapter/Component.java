package io.mitune.diffusion.adapter;

import java.util.Collection;

/**
 * The network of a pipeline that an adapter belongs to, by the name of its folder.
 *
 * <p>It follows from the names of the modules, since a peft folder does not say it, and decides the
 * prefix of keys in diffusers' files.
 */
public enum Component {
    /** Stable Diffusion 1, 2 and XL. */
    UNET("unet"),
    /** Stable Diffusion 3. */
    TRANSFORMER("transformer");

    private final String label;

    Component(String label) {
        this.label = label;
    }

    /** The folder's name in a diffusers directory. */
    public String label() {
        return label;
    }

    /** What every key of a diffusers file starts with. */
    public String prefix() {
        return label + ".";
    }

    /** The network that has modules of these dotted paths. */
    public static Component of(Collection<String> paths) {
        return paths.stream().anyMatch(p -> p.startsWith("transformer_blocks."))
                ? TRANSFORMER
                : UNET;
    }
}
