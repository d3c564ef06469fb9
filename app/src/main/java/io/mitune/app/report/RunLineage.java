package io.mitune.app.report;

import io.mitune.app.adapter.Ancestry;
import io.mitune.app.adapter.LineageSummary;
import io.mitune.app.cli.UserError;
import io.mitune.app.cli.Words;
import io.mitune.app.report.Report.Folded;
import io.mitune.app.report.Report.Mark;
import io.mitune.app.report.Report.Row;
import io.mitune.app.report.Report.Section;
import io.mitune.app.report.Report.Table;
import io.mitune.schemas.AdapterEvent;
import io.mitune.schemas.Connection;
import io.mitune.schemas.blobs.BlobException;
import io.mitune.schemas.blobs.BlobStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What lies behind the adapter of a page: its versions, the rounds that gave their samples, and the
 * first of these. As long for a hundred thousand samples as for a hundred. Belongs to one thread.
 */
final class RunLineage {
    static final int MAX_SAMPLES = 100;
    private static final int MAX_NAMED = 5;
    private static final int PICTURE_WIDTH = 64;

    private final RunRecord run;
    private final Optional<AdapterEvent> version;
    private final Optional<LineageSummary> summary;
    private final String fault;

    private RunLineage(
            RunRecord run,
            Optional<AdapterEvent> version,
            Optional<LineageSummary> summary,
            String fault) {
        this.run = run;
        this.version = version;
        this.summary = summary;
        this.fault = fault;
    }

    /**
     * Follows the version down to the base model. Where a list of samples is lost, the page says so
     * and goes on without.
     *
     * @param faults gets one line for each record that cannot be read
     */
    static RunLineage read(
            Connection connection,
            RunRecord run,
            Optional<AdapterEvent> version,
            BlobStore blobs,
            Consumer<String> faults) {
        var of = version.filter(v -> v.getVersion() > 0);
        if (of.isEmpty()) {
            return new RunLineage(run, version, Optional.empty(), "");
        }
        try {
            var ancestry =
                    Ancestry.of(
                            run.run,
                            of.get().getVersion(),
                            v -> Optional.ofNullable(run.trained.get(v)).stream().toList(),
                            blobs);
            var summary = LineageSummary.read(connection, ancestry, MAX_SAMPLES, faults);
            return new RunLineage(run, version, Optional.of(summary), "");
        } catch (UserError | BlobException e) {
            faults.accept(e.getMessage());
            return new RunLineage(run, version, Optional.empty(), e.getMessage());
        }
    }

    List<Section> sections(RunPictures pictures) {
        var sections = new ArrayList<Section>();
        sections.add(versions());
        summary.ifPresent(
                s -> {
                    sections.add(rounds(s));
                    sections.add(samples(s, pictures));
                });
        return sections;
    }

    private Table versions() {
        var rows = new ArrayList<List<String>>();
        var at = version;
        while (at.isPresent() && at.get().getVersion() > 0) {
            var v = at.get();
            rows.add(
                    List.of(
                            "version " + v.getVersion(),
                            v.getParentVersion() == 0 ? "base model" : "" + v.getParentVersion(),
                            "" + v.getRound(),
                            "" + v.getStep(),
                            "" + v.getDatasetSize(),
                            RunSections.head(v.getDatasetDigest()),
                            v.getAdapter() == null
                                    ? "-"
                                    : RunSections.head(v.getAdapter().getSha256())));
            at =
                    v.getParentVersion() < v.getVersion()
                            ? Optional.ofNullable(run.versions.get(v.getParentVersion()))
                            : Optional.empty();
        }
        return new Table(
                "Lineage",
                fault,
                List.of("", "continues", "round", "steps", "samples", "data set", "adapter"),
                rows);
    }

    private static Table rounds(LineageSummary summary) {
        var rows = new ArrayList<List<String>>();
        for (var round : summary.rounds()) {
            rows.add(
                    List.of(
                            "round " + round.round(),
                            "" + round.prompts(),
                            "" + round.candidates(),
                            "" + round.kept(),
                            Words.first(
                                    round.seeds().stream().map(String::valueOf).toList(),
                                    MAX_NAMED),
                            Words.first(
                                    round.policies().entrySet().stream()
                                            .map(p -> p.getKey() + ": " + p.getValue())
                                            .toList(),
                                    MAX_NAMED)));
        }
        return new Table(
                "Rounds behind it",
                "Prompts judged, valid candidates of theirs, samples trained on, the seeds that the"
                        + " prompts were published with, and samples by policy.",
                List.of("", "prompts", "candidates", "kept", "seeds", "policies"),
                rows);
    }

    private static Folded samples(LineageSummary summary, RunPictures pictures) {
        var rows =
                summary.first().stream()
                        .map(
                                sample -> {
                                    var r = sample.record();
                                    var picture =
                                            pictures.get(
                                                    r.getPreview(), PICTURE_WIDTH, "", Mark.NONE);
                                    return new Row(
                                            picture,
                                            List.of(
                                                    r.getText(),
                                                    "" + r.getRound(),
                                                    "" + r.getSeed(),
                                                    RunSections.number(r.getMi()),
                                                    r.getPolicy() + "@" + r.getPolicyVersion(),
                                                    r.getReason()));
                                })
                        .toList();
        int missing = summary.missing();
        return new Folded(
                "Samples behind it",
                "In the order of training; mitune adapters lineage lists them all, with the"
                        + " candidates that they were chosen from."
                        + (missing == 0 ? "" : " Of " + missing + " the log holds no record."),
                "The first %d of %d samples".formatted(rows.size(), summary.samples()),
                List.of("prompt", "round", "seed", "MI", "policy", "reason"),
                rows);
    }
}
