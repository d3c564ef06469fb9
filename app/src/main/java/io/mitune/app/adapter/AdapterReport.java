package io.mitune.app.adapter;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.cli.TextTable;
import io.mitune.diffusion.adapter.AdapterFormat;
import io.mitune.diffusion.adapter.ModuleNorms;
import io.mitune.diffusion.adapter.StoredAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What is known of an adapter, as lines for people and as JSON for programs. Immutable.
 *
 * @param path as the user gave it
 * @param stored the adapter and its form
 * @param fit how it stands to a model, if one was given
 */
record AdapterReport(String path, StoredAdapter stored, Optional<Fit> fit) {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /**
     * How an adapter stands to a model.
     *
     * @param model as the user gave it
     * @param misfit why it does not fit; empty if it does
     * @param trainedOnIt whether it was trained on exactly this model; empty if it doesn't say on
     *     what
     * @param changes |W' - W| / |W| by module, if it fits
     */
    record Fit(
            String model,
            Optional<String> misfit,
            Optional<Boolean> trainedOnIt,
            Map<String, Double> changes) {}

    List<String> lines() {
        var adapter = stored.adapter();
        var config = adapter.config();
        var norms = ModuleNorms.of(adapter);
        var lines = new ArrayList<String>();
        line(lines, "format", stored.format().label() + ", " + String.join(" ", stored.types()));
        line(
                lines,
                "kind",
                "%s of rank %d, alpha %s".formatted(kind(), config.rank(), config.alpha()));
        line(lines, "network", adapter.component().label());
        line(lines, "targets", String.join(" ", config.targetModules()));
        line(
                lines,
                "size",
                "%d modules, %d parameters"
                        .formatted(adapter.modules().size(), adapter.parameters()));
        line(
                lines,
                "norms",
                "|A| %s, |B| %s, |s B A| %s"
                                .formatted(
                                        total(norms, ModuleNorms::a),
                                        total(norms, ModuleNorms::b),
                                        total(norms, ModuleNorms::product))
                        + (config.useDora()
                                ? ", |m| " + total(norms, ModuleNorms::magnitude)
                                : ""));
        new TreeMap<>(adapter.metadata())
                .forEach((key, value) -> line(lines, "metadata", key + " = " + shortened(value)));
        for (var format : AdapterFormat.values()) {
            line(lines, "as " + format.label(), format.fidelity(config.useDora()));
        }
        fit.ifPresent(f -> addFit(lines, norms, f));
        return lines;
    }

    private String kind() {
        return stored.adapter().config().useDora() ? "DoRA" : "LoRA";
    }

    private static void line(List<String> lines, String name, String value) {
        lines.add("%-16s %s".formatted(name, value));
    }

    /** Files of other trainers hold whole settings files in one value. */
    private static String shortened(String value) {
        var one = value.replaceAll("\\s+", " ");
        return one.length() <= 100 ? one : one.substring(0, 97) + "...";
    }

    private static String total(List<ModuleNorms> norms, ToDoubleFunction<ModuleNorms> norm) {
        return number(Math.sqrt(norms.stream().mapToDouble(norm).map(v -> v * v).sum()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }

    private static void addFit(List<String> lines, List<ModuleNorms> norms, Fit fit) {
        if (fit.misfit().isPresent()) {
            line(lines, "model", fit.model() + ": does not fit: " + fit.misfit().get());
            return;
        }
        var trained =
                fit.trainedOnIt()
                        .map(
                                same ->
                                        same
                                                ? "; it was trained on exactly this model"
                                                : "; but it was trained on another model")
                        .orElse("");
        line(lines, "model", fit.model() + ": fits, all modules and shapes" + trained);
        var rows = new ArrayList<List<String>>();
        for (var n : norms) {
            rows.add(
                    List.of(
                            n.path(),
                            n.out() + " x " + n.in(),
                            number(n.product()),
                            number(100 * fit.changes().get(n.path()))));
        }
        lines.add("");
        lines.addAll(TextTable.lines(List.of("module", "shape", "|s B A|", "change %"), rows));
    }

    ObjectNode json() {
        var adapter = stored.adapter();
        var config = adapter.config();
        var root = JSON.objectNode();
        root.put("path", path);
        root.put("format", stored.format().label());
        stored.types().forEach(root.putArray("types")::add);
        root.put("kind", kind());
        root.put("rank", config.rank());
        root.put("alpha", config.alpha());
        root.put("network", adapter.component().label());
        config.targetModules().forEach(root.putArray("targets")::add);
        root.put("parameters", adapter.parameters());
        var metadata = root.putObject("metadata");
        new TreeMap<>(adapter.metadata()).forEach(metadata::put);
        var exports = root.putObject("exports");
        for (var format : AdapterFormat.values()) {
            exports.put(format.label(), format.fidelity(config.useDora()));
        }
        fit.ifPresent(
                f -> {
                    var model = root.putObject("model");
                    model.put("path", f.model());
                    model.put("fits", f.misfit().isEmpty());
                    f.misfit().ifPresent(why -> model.put("misfit", why));
                    f.trainedOnIt().ifPresent(same -> model.put("trained_on_it", same));
                });
        var modules = root.putArray("modules");
        for (var n : ModuleNorms.of(adapter)) {
            var module = modules.addObject();
            module.put("path", n.path()).put("out", n.out()).put("in", n.in());
            module.put("norm_a", n.a()).put("norm_b", n.b()).put("norm_product", n.product());
            if (config.useDora()) {
                module.put("norm_magnitude", n.magnitude());
            }
            fit.map(f -> f.changes().get(n.path()))
                    .ifPresent(change -> module.put("relative_change", change));
        }
        return root;
    }
}
