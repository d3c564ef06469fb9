package io.mitune.app.report;

import io.mitune.app.adapter.AdapterReference;
import io.mitune.app.cli.BlobOptions;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.OutputFile;
import io.mitune.app.cli.UserError;
import io.mitune.app.report.Report.Chart;
import io.mitune.schemas.AdapterEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes a run, or one of its adapters, as a page that needs nothing else. */
@Command(
        name = "report",
        description = "Write a run or an adapter as one HTML file, and its plots as PNG.",
        mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;
    @Mixin private BlobOptions blobs;

    @Option(
            names = "--run",
            paramLabel = "NAME",
            description = "Which run (default: that of --adapter, or default).")
    private Optional<String> run = Optional.empty();

    @Option(
            names = "--adapter",
            paramLabel = "RUN@VERSION",
            description =
                    "The run up to this version, or RUN@current (default: the whole run, with the"
                            + " version in use).")
    private Optional<String> adapter = Optional.empty();

    @Option(
            names = "--output",
            paramLabel = "FILE",
            required = true,
            description = "The page, such as report.html; plots go to report-plots beside it.")
    private Path output;

    @Override
    public Integer call() throws IOException {
        var reference = adapter.map(ReportCommand::reference);
        var name = run.orElse(reference.map(AdapterReference::run).orElse("default"));
        if (reference.isPresent() && !reference.get().run().equals(name)) {
            throw new UserError("--run: expected that of --adapter, found " + name);
        }
        OutputFile.prepare(output);
        var console = Console.of(spec);
        var to = connection.connect();
        var record =
                RunRecord.read(
                        to, name, r -> reference.map(wanted -> own(r, wanted)), console::remark);
        if (record.isEmpty()) {
            throw new UserError(
                    "--run: expected one of %s, found %s".formatted(record.otherRuns, name));
        }
        var version = reference.map(r -> Optional.of(version(record, r))).orElse(record.current);
        var store = blobs.store();
        var lineage = RunLineage.read(to, record, version, store, console::remark);
        var pictures = new RunPictures(store);
        var page = new RunSections(record, version, lineage, pictures).page();
        HtmlReport.write(page, output);
        var plots = plots(page);
        if (pictures.left() > 0) {
            console.remark(pictures.left() + " pictures are missing, or one too many");
        }
        console.print("report: %s, plots: %s".formatted(output, plots));
        return 0;
    }

    private Path plots(Report page) throws IOException {
        var file = output.toAbsolutePath().normalize();
        var base = file.getFileName().toString().replaceFirst("\\.html?$", "");
        var folder = Files.createDirectories(file.resolveSibling(base + "-plots"));
        for (var section : page.sections()) {
            if (section instanceof Chart chart) {
                var title = chart.title().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
                PngPen.write(chart, folder.resolve(title + ".png"));
            }
        }
        return folder;
    }

    private static AdapterReference reference(String text) {
        return AdapterReference.of(text)
                .filter(r -> !r.which().equals("best"))
                .orElseThrow(
                        () ->
                                new UserError(
                                        "--adapter: expected RUN@VERSION or RUN@current, found "
                                                + text));
    }

    /** What the trainer said of the version; the record of the one in use has a later round. */
    private static AdapterEvent own(RunRecord record, AdapterReference wanted) {
        var version = version(record, wanted);
        return record.versions.getOrDefault(version.getVersion(), version);
    }

    private static AdapterEvent version(RunRecord record, AdapterReference wanted) {
        if (wanted.which().equals("current")) {
            return record.current.orElseThrow(
                    () -> new UserError("--adapter: expected a version in use, found none"));
        }
        return Optional.ofNullable(record.versions.get(Integer.parseInt(wanted.which())))
                .orElseThrow(
                        () ->
                                new UserError(
                                        "--adapter: expected one of %s of run %s, found %s"
                                                .formatted(
                                                        record.versions.keySet(),
                                                        record.run,
                                                        wanted.which())));
    }
}
