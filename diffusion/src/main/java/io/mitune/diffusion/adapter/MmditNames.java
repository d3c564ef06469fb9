package io.mitune.diffusion.adapter;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Modules of Stable Diffusion 3's transformer by the names of its first code, MMDiT.
 *
 * <p>There each stream of an attention has one projection {@code qkv}, whose weight is those of
 * diffusers' q, k and v one below the other. Stateless.
 */
final class MmditNames {
    /** By the name within a joint block: diffusers' within a transformer block, in row order. */
    private static final Map<String, List<String>> PARTS = parts();

    private MmditNames() {}

    private static Map<String, List<String>> parts() {
        var parts = new LinkedHashMap<String, List<String>>();
        parts.put("x_block.attn.qkv", List.of("attn.to_q", "attn.to_k", "attn.to_v"));
        parts.put("x_block.attn.proj", List.of("attn.to_out.0"));
        parts.put("x_block.attn2.qkv", List.of("attn2.to_q", "attn2.to_k", "attn2.to_v"));
        parts.put("x_block.attn2.proj", List.of("attn2.to_out.0"));
        parts.put("x_block.mlp.fc1", List.of("ff.net.0.proj"));
        parts.put("x_block.mlp.fc2", List.of("ff.net.2"));
        parts.put(
                "context_block.attn.qkv",
                List.of("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"));
        parts.put("context_block.attn.proj", List.of("attn.to_add_out"));
        parts.put("context_block.mlp.fc1", List.of("ff_context.net.0.proj"));
        parts.put("context_block.mlp.fc2", List.of("ff_context.net.2"));
        return parts;
    }

    /** These modules, those that are one in MMDiT together. */
    static List<KohyaNames.Module> modules(Collection<String> paths) {
        var left = new TreeSet<>(paths);
        var modules = new ArrayList<KohyaNames.Module>();
        while (!left.isEmpty()) {
            var path = left.first();
            var words = path.split("\\.", 3);
            var name =
                    words.length < 3 || !words[0].equals("transformer_blocks")
                            ? Optional.<String>empty()
                            : nameOf(words[2]);
            var within =
                    name.orElseThrow(
                            () ->
                                    new IllegalArgumentException(
                                            path
                                                    + ": expected a module of a joint block, found"
                                                    + " one that has no name"));
            var found = new ArrayList<Optional<String>>();
            for (var part : PARTS.get(within)) {
                var whole = words[0] + "." + words[1] + "." + part;
                found.add(Optional.of(whole).filter(left::remove));
            }
            var full = "joint_blocks." + words[1] + "." + within;
            modules.add(new KohyaNames.Module(full.replace('.', '_'), found));
        }
        return modules;
    }

    private static Optional<String> nameOf(String part) {
        return PARTS.entrySet().stream()
                .filter(e -> e.getValue().contains(part))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Diffusers' modules in row order, of a dotted MMDiT path; nothing if it is none. */
    static List<String> paths(String path) {
        var words = path.split("\\.", 3);
        if (words.length < 3 || !words[0].equals("joint_blocks")) {
            return List.of();
        }
        return PARTS.getOrDefault(words[2], List.of()).stream()
                .map(part -> "transformer_blocks." + words[1] + "." + part)
                .toList();
    }
}
