package io.mitune.diffusion.adapter;

import java.util.List;

/**
 * Shape of an adapter: rank r, scale s = alpha / r, the modules it sits on, and whether the
 * magnitude of each row is trained too (DoRA) or not (LoRA).
 *
 * <p>Alpha travels with the weights because a reader that does not know it assumes alpha = r and is
 * silently wrong. Immutable.
 *
 * @param rank r of the two factors A (r, in) and B (out, r)
 * @param alpha numerator of the scale
 * @param targetModules path suffixes as peft takes them: {@code to_q} means every {@code *.to_q}
 * @param useDora true for y = m/n (W x + s B A x) + b, false for y = W x + s B A x + b
 */
public record DoraConfig(int rank, double alpha, List<String> targetModules, boolean useDora) {

    /** The projections of every attention of a UNet, the official targets. */
    public static final List<String> ATTENTION = List.of("to_q", "to_k", "to_v", "to_out.0");

    /** The projections of every joint attention of an SD3 transformer, the official targets. */
    public static final List<String> JOINT =
            List.of(
                    "attn.to_q",
                    "attn.to_k",
                    "attn.to_v",
                    "attn.to_out.0",
                    "attn.add_q_proj",
                    "attn.add_k_proj",
                    "attn.add_v_proj",
                    "attn.to_add_out");

    /** Ranks above this are taken for a damaged or hostile file. */
    public static final int MAX_RANK = 4096;

    public DoraConfig {
        targetModules = List.copyOf(targetModules);
        if (rank < 1 || rank > MAX_RANK) {
            throw new IllegalArgumentException(
                    "adapter rank: expected 1 to " + MAX_RANK + ", found " + rank);
        }
        if (!(alpha > 0) || alpha > 1e6) {
            throw new IllegalArgumentException(
                    "adapter alpha: expected above 0 and at most 1000000, found " + alpha);
        }
        if (targetModules.isEmpty() || targetModules.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException(
                    "adapter target_modules: expected module names such as to_q, found "
                            + targetModules);
        }
    }

    /** DoRA with alpha = rank on all attention projections. */
    public static DoraConfig dora(int rank) {
        return new DoraConfig(rank, rank, ATTENTION, true);
    }

    /** LoRA with alpha = rank on all attention projections. */
    public static DoraConfig lora(int rank) {
        return new DoraConfig(rank, rank, ATTENTION, false);
    }

    /** s of the equations. */
    public double scale() {
        return alpha / rank;
    }

    /** True if the module at this dotted path is a target: equal to one, or ends with it. */
    public boolean targets(String path) {
        return targetModules.stream().anyMatch(t -> path.equals(t) || path.endsWith("." + t));
    }
}
