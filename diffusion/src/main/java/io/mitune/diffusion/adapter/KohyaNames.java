package io.mitune.diffusion.adapter;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Module names in kohya's scripts: a path with underscores for dots, of a network whose modules are
 * called as each family's trainer calls them.
 *
 * <p>Stable Diffusion 1 and 2 have diffusers' own names, XL those of Stability's code ({@code
 * input_blocks}), 3 those of MMDiT ({@code joint_blocks}, where the projections q, k, v are one).
 * Reading knows all three, so needs no model; writing must be told. Immutable.
 *
 * @param naming of the modules
 * @param layersPerBlock of the UNet, which the numbers of Stability's blocks depend on
 */
record KohyaNames(Naming naming, int layersPerBlock) {
    /** Whose names the modules have. */
    enum Naming {
        DIFFUSERS,
        STABILITY,
        MMDIT
    }

    /**
     * One module by kohya's name.
     *
     * @param name with underscores, without {@code lora_unet_}
     * @param paths of the modules that it is made of, one below the other; absent where that one
     *     has no adapter
     */
    record Module(String name, List<Optional<String>> paths) {}

    /** Stability's and most UNets have two layers a block. */
    static final int USUAL_LAYERS = 2;

    /** Words with an underscore inside; longest first, since some begin with others. */
    private static final List<String> WORDS =
            Stream.of(
                            "down_blocks mid_block up_blocks input_blocks middle_block output_blocks",
                            "transformer_blocks joint_blocks x_block context_block",
                            "to_q to_k to_v to_out to_add_out add_q_proj add_k_proj add_v_proj",
                            "proj_in proj_out ff_context norm1_context norm_out context_embedder",
                            "time_embedding add_embedding time_emb_proj linear_1 linear_2",
                            "time_text_embed timestep_embedder text_embedder")
                    .flatMap(line -> Stream.of(line.split(" ")))
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .toList();

    private static final Pattern INPUT = Pattern.compile("input_blocks\\.(\\d{1,3})\\.1\\.(.*)");
    private static final Pattern MIDDLE = Pattern.compile("middle_block\\.1\\.(.*)");
    private static final Pattern OUTPUT = Pattern.compile("output_blocks\\.(\\d{1,3})\\.1\\.(.*)");
    private static final Pattern OUTER =
            Pattern.compile("(down|up)_blocks\\.(\\d{1,3})\\.attentions\\.(\\d{1,3})\\.(.*)");
    private static final Pattern INNER = Pattern.compile("mid_block\\.attentions\\.0\\.(.*)");

    /** The names that adapters of these modules go by, where no model says it. */
    static KohyaNames guess(Collection<String> paths) {
        if (Component.of(paths) == Component.TRANSFORMER) {
            return new KohyaNames(Naming.MMDIT, USUAL_LAYERS);
        }
        boolean deep = paths.stream().anyMatch(p -> p.contains(".transformer_blocks.1."));
        return new KohyaNames(deep ? Naming.STABILITY : Naming.DIFFUSERS, USUAL_LAYERS);
    }

    /** A dotted path; diffusers' own unless it is one of MMDiT's. */
    String path(String name) {
        var dotted = new StringBuilder();
        for (int at = 0; at < name.length(); ) {
            var rest = name.substring(at);
            var word =
                    WORDS.stream()
                            .filter(w -> rest.equals(w) || rest.startsWith(w + "_"))
                            .findFirst()
                            .orElseGet(() -> rest.split("_", 2)[0]);
            dotted.append(at == 0 ? "" : ".").append(word);
            at += word.length() + 1;
        }
        return ofStability(dotted.toString());
    }

    private String ofStability(String path) {
        int step = layersPerBlock + 1;
        var input = INPUT.matcher(path);
        if (input.matches()) {
            int block = Integer.parseInt(input.group(1)) - 1;
            return "down_blocks.%d.attentions.%d.%s"
                    .formatted(block / step, block % step, input.group(2));
        }
        var output = OUTPUT.matcher(path);
        if (output.matches()) {
            int block = Integer.parseInt(output.group(1));
            return "up_blocks.%d.attentions.%d.%s"
                    .formatted(block / step, block % step, output.group(2));
        }
        var middle = MIDDLE.matcher(path);
        return middle.matches() ? "mid_block.attentions.0." + middle.group(1) : path;
    }

    /** These modules by kohya's names. */
    List<Module> modules(Collection<String> paths) {
        if (naming == Naming.MMDIT) {
            return MmditNames.modules(paths);
        }
        var modules = new ArrayList<Module>();
        for (var path : paths) {
            var name = naming == Naming.STABILITY ? toStability(path) : path;
            modules.add(new Module(name.replace('.', '_'), List.of(Optional.of(path))));
        }
        return modules;
    }

    private String toStability(String path) {
        int step = layersPerBlock + 1;
        var inner = INNER.matcher(path);
        if (inner.matches()) {
            return "middle_block.1." + inner.group(1);
        }
        var outer = OUTER.matcher(path);
        if (!outer.matches()) {
            throw new IllegalArgumentException(
                    path + ": expected a module of an attention block, found one that has no name");
        }
        int index = Integer.parseInt(outer.group(2)) * step + Integer.parseInt(outer.group(3));
        return outer.group(1).equals("down")
                ? "input_blocks.%d.1.%s".formatted(index + 1, outer.group(4))
                : "output_blocks.%d.1.%s".formatted(index, outer.group(4));
    }
}
