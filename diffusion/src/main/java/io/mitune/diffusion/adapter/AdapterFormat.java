package io.mitune.diffusion.adapter;

import java.util.Arrays;
import java.util.Optional;

/**
 * Forms that an adapter can take outside the program, and which of them keep what it computes.
 *
 * <p>LoRA means the same everywhere; DoRA does not: tools differ in the axis of the norm, and in
 * whether it is the norm of W or of W + s B A.
 */
public enum AdapterFormat {
    /** One file, keys {@code lora_A} and {@code lora_B}. */
    DIFFUSERS("diffusers", "exact", "exact"),
    /** One file, keys {@code lora.down} and {@code lora.up}, for diffusers before peft. */
    DIFFUSERS_OLD("diffusers-old", "exact", "exact where the reader knows DoRA, as diffusers does"),
    /** A folder with adapter_config.json. */
    PEFT("peft", "exact", "exact"),
    /** One file for kohya's scripts, ComfyUI, A1111. */
    KOHYA(
            "kohya",
            "exact",
            "approximate: ComfyUI divides by the row norms of W instead of W + s B A, A1111 by the"
                    + " column norms, diffusers drops dora_scale; exact for those: merged, difference"),
    /** A whole model with the adapter in its weights. */
    MERGED("merged", "exact up to rounding", "exact up to rounding"),
    /** One file, W' - W of each module in full. */
    DIFFERENCE("difference", "exact up to rounding", "exact up to rounding");

    private final String label;
    private final String lora;
    private final String dora;

    AdapterFormat(String label, String lora, String dora) {
        this.label = label;
        this.lora = lora;
        this.dora = dora;
    }

    /** The name a user types. */
    public String label() {
        return label;
    }

    /** What becomes of an adapter in this form, in a few words. */
    public String fidelity(boolean useDora) {
        return useDora ? dora : lora;
    }

    /** Whether it needs the weights of the model that the adapter belongs to. */
    public boolean needsModel() {
        return this == MERGED || this == DIFFERENCE;
    }

    public static Optional<AdapterFormat> of(String label) {
        return Arrays.stream(values()).filter(f -> f.label.equals(label)).findFirst();
    }
}
