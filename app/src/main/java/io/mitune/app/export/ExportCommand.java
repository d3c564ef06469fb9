package io.mitune.app.export;

import io.mitune.app.cli.BlobOptions;
import io.mitune.app.cli.ConnectionOptions;
import io.mitune.app.cli.Console;
import io.mitune.app.cli.ModelOptions;
import io.mitune.app.cli.UserError;
import io.mitune.app.export.PreferencePairs.Pair;
import io.mitune.app.generate.Studio;
import io.mitune.schemas.Connection;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes the curated set for other trainers. */
@Command(
        name = "export",
        description = "Write the curated samples as a data set for other trainers.",
        mixinStandardHelpOptions = true)
public final class ExportCommand implements Callable<Integer> {
    private static final int MAX_SHARD_MB = 4096;

    @Spec private CommandSpec spec;
    @Mixin private ConnectionOptions connection;
    @Mixin private BlobOptions blobs;

    @ArgGroup(
            exclusive = false,
            heading = "For --format official, and to decode latents where a picture is missing:%n")
    private ModelOptions model;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            required = true,
            description =
                    "imagefolder, webdataset, parquet, official (what the authors' scripts read),"
                            + " preference (best and worst by MI, parquet) or preference-folder.")
    private String format;

    @Option(
            names = "--run",
            paramLabel = "NAME",
            description = "Line of adapters that the samples fed (default: the only one there is).")
    private Optional<String> run = Optional.empty();

    @Option(names = "--round", paramLabel = "N", description = "Only this round (default: all).")
    private Optional<Integer> round = Optional.empty();

    @Option(
            names = "--latents",
            paramLabel = "FORM",
            defaultValue = "none",
            description = "Latents beside pictures: none, safetensors or npy (default: none).")
    private String latents;

    @Option(
            names = "--shard-size",
            paramLabel = "MB",
            defaultValue = "256",
            description = "Largest tar or parquet file (default: ${DEFAULT-VALUE}).")
    private int shardSize;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            defaultValue = "exported",
            description = "New folder to write (default: ${DEFAULT-VALUE}).")
    private Path output;

    @Override
    public Integer call() throws IOException {
        var console = Console.of(spec);
        var wanted = ExportFormat.of(format);
        var form = LatentsForm.of(latents);
        if (shardSize < 1 || shardSize > MAX_SHARD_MB) {
            throw new UserError(
                    "--shard-size: expected 1 to %d, found %d".formatted(MAX_SHARD_MB, shardSize));
        }
        OutputFolder.requireFree(output);
        if (wanted == ExportFormat.OFFICIAL && model == null) {
            throw new UserError("--model: expected one to encode the prompts with, found none");
        }
        var to = connection.connect();
        var set = CuratedSet.read(to, run, round);
        var faults = new ArrayList<>(set.faults());
        var pairs = wanted.isPairs() ? pairs(console, to, set, faults) : List.<Pair>of();
        var named = Optional.ofNullable(model);
        named.ifPresent(ModelOptions::directory);
        try (var materials = new Materials(blobs.store(), named.map(m -> () -> new Studio(m)))) {
            var items =
                    switch (wanted) {
                        case IMAGEFOLDER, WEBDATASET, PARQUET ->
                                new SampleItems(set.samples(), materials, form);
                        case OFFICIAL -> new OfficialItems(set.samples(), materials);
                        case PREFERENCE, PREFERENCE_FOLDER -> new PairItems(pairs, materials, form);
                    };
            var export = new Export(console, wanted, shardSize * 1_000_000L);
            export.write(items, faults, output);
        } catch (FileSystemException e) {
            throw e; // names its file
        } catch (IOException e) {
            throw new UserError(output + ": cannot be written: " + e.getMessage(), e);
        }
        return 0;
    }

    private static List<Pair> pairs(
            Console console, Connection connection, CuratedSet set, List<String> faults) {
        var all = PreferencePairs.read(connection, set.samples(), faults);
        var pairs = all.pairs();
        if (pairs.size() < all.prompts()) {
            console.remark(
                    "%d of %d prompts have no two candidates with different MI"
                            .formatted(all.prompts() - pairs.size(), all.prompts()));
        }
        return pairs;
    }
}
