package io.mitune.diffusion.model.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.mitune.diffusion.nn.Linear;
import io.mitune.diffusion.nn.Script;
import io.mitune.diffusion.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention of image and text tokens, taken as one sequence but projected apart, or of image tokens
 * alone; diffusers' Attention with JointAttnProcessor2_0.
 *
 * <p>Where the text is not carried on, nothing is asked in its name: its queries would be thrown
 * away.
 */
final class JointAttention {
    /** Which tokens attend. */
    enum Kind {
        IMAGE_ALONE,
        IMAGE_AND_TEXT,
        /** The text is attended to, and its own result is not wanted. */
        IMAGE_TO_TEXT
    }

    private static final String HEADS =
            "%1$s4 = torch.reshape(%1$s, [torch.size(%1$s, 0), -1, %2$d, %3$d])\n";

    private static final String RMS_NORM =
            """
            %1$s_f = torch.to(%1$s4, 6, False, False, None)
            %1$s_v = torch.mean(torch.mul(%1$s_f, %1$s_f), [-1], True)
            %1$s_r = torch.mul(%1$s_f, torch.rsqrt(torch.add(%1$s_v, 9.9999999999999995e-07)))
            %1$s4 = torch.mul(torch.type_as(%1$s_r, %1$s), %2$s)
            """;

    private static final String ATTEND =
            """
            a4 = torch.scaled_dot_product_attention(torch.transpose(%s, 1, 2), \
            torch.transpose(%s, 1, 2), torch.transpose(%s, 1, 2), None, 0., False, scale=None)
            a = torch.flatten(torch.transpose(a4, 1, 2), 2, 3)
            """;

    private final Kind kind;
    private final List<Linear> image = new ArrayList<>(); // to_q, to_k, to_v
    private final List<Linear> text = new ArrayList<>(); // queries only where they are wanted
    private final Linear addQProj; // null without text
    private final Linear toOut;
    private final Linear toAddOut; // null where no text comes out
    private final List<NDArray> norms = new ArrayList<>();
    private final boolean adapted;
    private final Script whole;
    private final Script attend;

    JointAttention(Weights w, Sd3Config c, Kind kind) {
        this.kind = kind;
        int width = c.width();
        image.add(new Linear(w.in("to_q"), width, width, true));
        image.add(new Linear(w.in("to_k"), width, width, true));
        image.add(new Linear(w.in("to_v"), width, width, true));
        toOut = new Linear(w.in("to_out").in(0), width, width, true);
        if (kind == Kind.IMAGE_ALONE) {
            addQProj = null;
        } else {
            addQProj = new Linear(w.in("add_q_proj"), width, width, true);
            if (kind == Kind.IMAGE_AND_TEXT) {
                text.add(addQProj);
            }
            text.add(new Linear(w.in("add_k_proj"), width, width, true));
            text.add(new Linear(w.in("add_v_proj"), width, width, true));
        }
        toAddOut =
                kind == Kind.IMAGE_AND_TEXT
                        ? new Linear(w.in("to_add_out"), width, width, true)
                        : null;
        if (c.qkNorm()) {
            readNorms(w, c);
        }
        adapted = projections().stream().anyMatch(Linear::hasAdapter);
        attend = Script.of(parameters(projected()), returns(), core(c) + results("x_a", "c_a"));
        whole = Script.of(wholeParameters(), returns(), wholeBody(c));
    }

    private void readNorms(Weights w, Sd3Config c) {
        norms.add(w.in("norm_q").get("weight", c.attentionHeadDim()));
        norms.add(w.in("norm_k").get("weight", c.attentionHeadDim()));
        if (kind == Kind.IMAGE_AND_TEXT) {
            norms.add(w.in("norm_added_q").get("weight", c.attentionHeadDim()));
        } else if (kind == Kind.IMAGE_TO_TEXT) {
            // of no use here, and in every file
            w.in("norm_added_q").get("weight", c.attentionHeadDim()).close();
        }
        if (kind != Kind.IMAGE_ALONE) {
            norms.add(w.in("norm_added_k").get("weight", c.attentionHeadDim()));
        }
    }

    /** Names of the projected tokens, in the order of the layers that make them. */
    private List<String> projected() {
        return switch (kind) {
            case IMAGE_ALONE -> List.of("q", "k", "v");
            case IMAGE_AND_TEXT -> List.of("q", "k", "v", "cq", "ck", "cv");
            case IMAGE_TO_TEXT -> List.of("q", "k", "v", "ck", "cv");
        };
    }

    private String parameters(List<String> first) {
        var names = new ArrayList<>(first);
        for (int i = 0; i < norms.size(); i++) {
            names.add("n" + i);
        }
        return String.join(", ", names.stream().map(n -> n + ": Tensor").toList());
    }

    private String wholeParameters() {
        var names = new ArrayList<>(List.of("x", "c"));
        projected().forEach(n -> names.addAll(List.of("w" + n, "b" + n)));
        names.addAll(List.of("wo", "bo"));
        if (toAddOut != null) {
            names.addAll(List.of("wco", "bco"));
        }
        return parameters(names);
    }

    private String returns() {
        return kind == Kind.IMAGE_AND_TEXT ? "Tuple[Tensor, Tensor]" : "Tensor";
    }

    private String wholeBody(Sd3Config c) {
        var body = new StringBuilder();
        for (var name : projected()) {
            var from = name.startsWith("c") ? "c" : "x";
            body.append("%1$s = torch.linear(%2$s, w%1$s, b%1$s)\n".formatted(name, from));
        }
        return body + core(c) + results("torch.linear(x_a, wo, bo)", "torch.linear(c_a, wco, bco)");
    }

    /** From projected tokens to x_a and, where wanted, c_a. */
    private String core(Sd3Config c) {
        var body = new StringBuilder();
        for (var name : projected()) {
            body.append(HEADS.formatted(name, c.numAttentionHeads(), c.attentionHeadDim()));
        }
        int norm = 0;
        for (var name : c.qkNorm() ? projected() : List.<String>of()) {
            if (!name.endsWith("v")) {
                body.append(RMS_NORM.formatted(name, "n" + norm++));
            }
        }
        return switch (kind) {
            case IMAGE_ALONE -> body + ATTEND.formatted("q4", "k4", "v4") + "x_a = a\n";
            case IMAGE_TO_TEXT ->
                    body + ATTEND.formatted("q4", joined("k"), joined("v")) + "x_a = a\n";
            case IMAGE_AND_TEXT ->
                    body
                            + ATTEND.formatted(joined("q"), joined("k"), joined("v"))
                            + "x_a, c_a = torch.split_with_sizes(a, [torch.size(q, 1),"
                            + " torch.size(cq, 1)], 1)\n";
        };
    }

    private static String joined(String name) {
        return "torch.cat([%1$s4, c%1$s4], 1)".formatted(name);
    }

    private String results(String x, String c) {
        return kind == Kind.IMAGE_AND_TEXT
                ? "return (%s, %s)".formatted(x, c)
                : "return %s".formatted(x);
    }

    /** The linear maps that an adapter may replace, in the order of the file's layers. */
    List<Linear> projections() {
        var all = new ArrayList<>(image);
        all.add(toOut);
        if (addQProj != null) {
            all.add(addQProj);
            all.addAll(text.subList(text.size() - 2, text.size()));
        }
        if (toAddOut != null) {
            all.add(toAddOut);
        }
        return all;
    }

    /**
     * @param x image tokens, [B, N, width]
     * @param c text tokens, [B, L, width]; not used where the image attends alone
     * @return image tokens and, where the text is carried on, text tokens
     */
    NDList forward(NDArray x, NDArray c) {
        if (adapted) {
            return adapted(x, c);
        }
        var arguments = new NDList(x, c);
        image.forEach(l -> addWeights(arguments, l));
        text.forEach(l -> addWeights(arguments, l));
        addWeights(arguments, toOut);
        if (toAddOut != null) {
            addWeights(arguments, toAddOut);
        }
        arguments.addAll(norms);
        return whole.callAll(arguments.toArray(NDArray[]::new));
    }

    private static void addWeights(NDList arguments, Linear layer) {
        arguments.add(layer.weight());
        arguments.add(layer.bias().orElseThrow());
    }

    private NDList adapted(NDArray x, NDArray c) {
        try (var tokens = new NDList()) {
            image.forEach(l -> tokens.add(l.forward(x)));
            text.forEach(l -> tokens.add(l.forward(c)));
            var arguments = new NDList(tokens);
            arguments.addAll(norms);
            try (var attended = attend.callAll(arguments.toArray(NDArray[]::new))) {
                var results = new NDList(toOut.forward(attended.get(0)));
                if (toAddOut != null) {
                    results.add(toAddOut.forward(attended.get(1)));
                }
                return results;
            }
        }
    }
}
