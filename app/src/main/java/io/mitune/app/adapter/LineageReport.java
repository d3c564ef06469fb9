package io.mitune.app.adapter;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mitune.app.adapter.Lineage.Generation;
import io.mitune.app.cli.TextTable;
import io.mitune.app.log.RecordJson;
import io.mitune.schemas.Candidate;
import io.mitune.schemas.CuratedSample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A lineage as lines for people or scripts. Stateless. */
final class LineageReport {
    private LineageReport() {}

    /**
     * One row for each sample, and a summary for each version.
     *
     * @param columns that the rows may take
     */
    static List<String> table(Lineage lineage, int columns) {
        var rows = new ArrayList<List<String>>();
        var summary = new ArrayList<String>();
        for (var generation : lineage.generations()) {
            generation.samples().forEach(s -> rows.add(row(generation, s)));
            summary.add(summary(lineage.run(), generation));
        }
        var header =
                List.of(
                        "prompt", "into", "seed", "MI", "policy", "by", "round", "index", "margin",
                        "of");
        var lines = new ArrayList<>(TextTable.lines(header, rows, columns));
        lines.add("");
        lines.addAll(summary);
        return lines;
    }

    /** One JSON object for each sample: the curated record, and the version that it went into. */
    static List<String> json(Lineage lineage) {
        var lines = new ArrayList<String>();
        for (var generation : lineage.generations()) {
            for (var sample : generation.samples()) {
                lines.add(about(generation).set("sample", RecordJson.of(sample)).toString());
            }
            for (var id : generation.missing()) {
                lines.add(about(generation).put("missing", id).toString());
            }
        }
        return lines;
    }

    /**
     * One row for each candidate of each prompt.
     *
     * @param columns that the rows may take
     */
    static List<String> candidates(Lineage lineage, List<Candidate> all, int columns) {
        var kept =
                lineage.samples().stream()
                        .map(CuratedSample::getCandidateId)
                        .collect(Collectors.toSet());
        var rows =
                all.stream()
                        .sorted(
                                Comparator.comparing(Candidate::getPromptId)
                                        .thenComparingInt(Candidate::getRound)
                                        .thenComparingInt(Candidate::getIndex))
                        .map(c -> row(c, kept.contains(c.getCandidateId())))
                        .toList();
        var header = List.of("prompt", "kept", "seed", "MI", "by", "round", "index");
        return TextTable.lines(header, rows, columns);
    }

    private static ObjectNode about(Generation generation) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("run", generation.version().getRun())
                .put("version", generation.version().getVersion());
    }

    private static List<String> row(Generation generation, CuratedSample s) {
        return List.of(
                s.getText(),
                "v" + generation.version().getVersion(),
                Long.toString(s.getSeed()),
                number(s.getMi()),
                s.getPolicy() + "@" + s.getPolicyVersion(),
                "v" + s.getAdapterVersion(),
                Integer.toString(s.getRound()),
                Integer.toString(s.getIndex()),
                number(s.getMargin()),
                Integer.toString(s.getCandidatesSeen()));
    }

    private static List<String> row(Candidate c, boolean kept) {
        return List.of(
                c.getText(),
                kept ? "kept" : "",
                Long.toString(c.getSeed()),
                c.getFailure() == null ? number(c.getMi()) : "failed",
                "v" + c.getAdapterVersion(),
                Integer.toString(c.getRound()),
                Integer.toString(c.getIndex()));
    }

    private static String summary(String run, Generation generation) {
        var version = generation.version();
        var missing = generation.missing();
        return "%s@%d continues %d: round %d, %d steps, %d samples, data set %s, model %s%s"
                .formatted(
                        run,
                        version.getVersion(),
                        version.getParentVersion(),
                        version.getRound(),
                        version.getStep(),
                        generation.samples().size(),
                        head(version.getDatasetDigest()),
                        head(version.getModelDigest()),
                        missing.isEmpty() ? "" : ", missing " + String.join(" ", missing));
    }

    private static String head(String digest) {
        return digest.substring(0, Math.min(12, digest.length()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
