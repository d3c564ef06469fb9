package io.mitune.app.adapter;

import io.mitune.app.cli.Console;
import io.mitune.app.cli.ProgressBar;
import io.mitune.app.cli.UserError;
import io.mitune.app.cli.WholeOutput;
import io.mitune.diffusion.adapter.AdapterFile;
import io.mitune.diffusion.adapter.AdapterFormat;
import io.mitune.diffusion.adapter.AdapterWeights;
import io.mitune.diffusion.adapter.BaseModel;
import io.mitune.diffusion.adapter.FullWeights;
import io.mitune.diffusion.adapter.MergedCheckpoint;
import io.mitune.diffusion.nn.Dtype;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes an adapter in a form that another tool reads, and says whether it stays what it was. */
@Command(
        name = "convert",
        description = "Write an adapter in the form of another tool.",
        mixinStandardHelpOptions = true)
public final class ConvertAdapterCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "INPUT", description = "Adapter in any form that is read.")
    private Path input;

    @Parameters(
            paramLabel = "OUTPUT",
            description = "NAME.safetensors, or a folder for peft and merged.")
    private Path output;

    @Option(
            names = "--to",
            paramLabel = "FORM",
            description =
                    "diffusers, diffusers-old, peft, kohya, merged or difference (default: diffusers"
                            + " for NAME.safetensors, peft for a folder).")
    private Optional<String> to = Optional.empty();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Model of the adapter, for merged and difference.")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "fp32, bf16 or fp16 (default: fp32; merged: as the model's).")
    private Optional<String> dtype = Optional.empty();

    @Option(names = "--force", description = "Replace what is at OUTPUT.")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        var format = format();
        var type = dtype.map(Dtype::of);
        if (format.needsModel() && model.isEmpty()) {
            throw new UserError("--to " + format.label() + ": expected --model DIR, found none");
        }
        var base = model.map(BaseModel::open);
        var adapter = AdapterFile.open(input, base).adapter();
        base.ifPresent(b -> b.requireFits(adapter));
        var inputs = new ArrayList<Path>(List.of(input));
        model.ifPresent(inputs::add);
        WholeOutput.write(output, inputs, force, path -> write(path, format, adapter, base, type));
        var config = adapter.config();
        Console.of(spec)
                .print(
                        "%s: %s, %s of rank %d, alpha %s, %d modules; %s"
                                .formatted(
                                        output,
                                        format.label(),
                                        config.useDora() ? "DoRA" : "LoRA",
                                        config.rank(),
                                        config.alpha(),
                                        adapter.modules().size(),
                                        format.fidelity(config.useDora())));
        return 0;
    }

    private AdapterFormat format() {
        boolean file = output.toString().endsWith(".safetensors");
        var format =
                to.map(
                                label ->
                                        AdapterFormat.of(label)
                                                .orElseThrow(() -> new UserError(unknown(label))))
                        .orElse(file ? AdapterFormat.DIFFUSERS : AdapterFormat.PEFT);
        boolean folder = format == AdapterFormat.PEFT || format == AdapterFormat.MERGED;
        if (file == folder) {
            throw new UserError(
                    "%s: expected %s for --to %s"
                            .formatted(
                                    output,
                                    folder ? "a folder's name" : "a name that ends in .safetensors",
                                    format.label()));
        }
        return format;
    }

    private static String unknown(String label) {
        return "--to: expected one of %s, found %s"
                .formatted(
                        Arrays.stream(AdapterFormat.values())
                                .map(AdapterFormat::label)
                                .collect(Collectors.joining(", ")),
                        label);
    }

    private void write(
            Path path,
            AdapterFormat format,
            AdapterWeights adapter,
            Optional<BaseModel> base,
            Optional<Dtype> type) {
        switch (format) {
            case MERGED -> {
                try (var bar = bar(MergedCheckpoint.count(base.orElseThrow()), "tensors")) {
                    MergedCheckpoint.write(
                            path, base.orElseThrow(), adapter, type, () -> bar.advance(1));
                }
            }
            case DIFFERENCE -> {
                try (var weights = new FullWeights(base.orElseThrow(), adapter);
                        var bar = bar(adapter.modules().size(), "modules")) {
                    weights.writeDifference(path, type.orElse(Dtype.FP32), () -> bar.advance(1));
                }
            }
            default -> AdapterFile.write(path, format, adapter, type.orElse(Dtype.FP32), base);
        }
    }

    private ProgressBar bar(int total, String unit) {
        return new ProgressBar(Console.of(spec), "convert", total, unit);
    }
}
