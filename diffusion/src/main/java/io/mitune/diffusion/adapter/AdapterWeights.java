package io.mitune.diffusion.adapter;

import io.mitune.diffusion.safetensors.ModelFileException;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A whole adapter in host memory: its configuration and the factors of each layer.
 *
 * <p>The form between trainer, files and merging: checked once when made, so that what follows need
 * not. Immutable but for the arrays, which nobody may write.
 *
 * @param source where it came from, for error messages: a path, or "trainer"
 * @param config rank, alpha, targets
 * @param modules dotted module path in the denoiser to factors, sorted
 * @param metadata free strings of the file's header, such as the base model's digest
 */
public record AdapterWeights(
        String source,
        DoraConfig config,
        SortedMap<String, LoraFactors> modules,
        Map<String, String> metadata) {

    public AdapterWeights {
        modules = Collections.unmodifiableSortedMap(new TreeMap<>(modules));
        metadata = Map.copyOf(metadata);
        if (modules.isEmpty()) {
            throw new ModelFileException(
                    source, "no adapter weights, expected at least one lora_A and lora_B pair");
        }
        for (var entry : modules.entrySet()) {
            check(source, config, entry.getKey(), entry.getValue());
        }
    }

    private static void check(String source, DoraConfig config, String path, LoraFactors f) {
        if (f.rank() != config.rank()) {
            throw new ModelFileException(
                    source, path + ": expected rank " + config.rank() + ", found " + f.rank());
        }
        if (f.isDora() != config.useDora()) {
            throw new ModelFileException(
                    source,
                    path
                            + ": expected "
                            + (config.useDora() ? "a" : "no")
                            + " lora_magnitude_vector as use_dora="
                            + config.useDora()
                            + ", found "
                            + (f.isDora() ? "one" : "none"));
        }
    }

    /** The network that it belongs to, by the names of its modules. */
    public Component component() {
        return Component.of(modules.keySet());
    }

    /** An error unless rank, scale and kind are those of {@code other}. */
    public void requireSameForm(DoraConfig other) {
        if (config.rank() != other.rank()
                || config.alpha() != other.alpha()
                || config.useDora() != other.useDora()) {
            throw new ModelFileException(
                    source,
                    "expected rank %d, alpha %s, use_dora %s, found rank %d, alpha %s, use_dora %s"
                            .formatted(
                                    other.rank(),
                                    other.alpha(),
                                    other.useDora(),
                                    config.rank(),
                                    config.alpha(),
                                    config.useDora()));
        }
    }

    /** An error if a module is adapted that is not among these. */
    public void requireKnownModules(Collection<String> known) {
        var unknown = new TreeSet<>(modules.keySet());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new ModelFileException(
                    source,
                    "adapter weights for %s (and %d more), expected linear layers of the network"
                                    .formatted(unknown.first(), unknown.size() - 1)
                            + familyHint(Component.of(known)));
        }
    }

    private String familyHint(Component network) {
        return component() == network
                ? ""
                : "; the adapter is for a %s, the model has a %s: another family"
                        .formatted(component().label(), network.label());
    }

    /** An error unless the adapted modules are exactly these. */
    public void requireSameModules(Collection<String> expected) {
        requireKnownModules(expected);
        var missing = new TreeSet<>(expected);
        missing.removeAll(modules.keySet());
        if (!missing.isEmpty()) {
            throw new ModelFileException(
                    source,
                    "no adapter weights for %s (and %d more), expected all target modules"
                            .formatted(missing.first(), missing.size() - 1));
        }
    }

    /** Number of values in all factors. */
    public long parameters() {
        return modules.values().stream()
                .mapToLong(f -> (long) f.a().length + f.b().length + f.magnitude().length)
                .sum();
    }

    /**
     * The factors of one layer, checked against the layer's weight.
     *
     * @param path dotted module path
     * @param out rows of the weight
     * @param in columns of the weight
     */
    public LoraFactors factors(String path, long out, long in) {
        var f = modules.get(path);
        if (f == null) {
            throw new ModelFileException(source, "no adapter weights for " + path);
        }
        if (f.out() != out || f.in() != in) {
            throw new ModelFileException(
                    source,
                    "%s: expected a layer of [%d, %d], found factors for [%d, %d]; was it trained on another model?"
                            .formatted(path, out, in, f.out(), f.in()));
        }
        return f;
    }
}
