package io.mitune.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints manual pages, or writes all of them to a folder. */
@Command(
        name = "man",
        description = "Print the manual page of a command: mitune man train | man -l -",
        mixinStandardHelpOptions = true)
public final class ManCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..*",
            description = "Such as adapters list (default: mitune itself).")
    private List<String> words = new ArrayList<>();

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Write the pages of all commands there, as for MANPATH/man1.")
    private Optional<Path> output = Optional.empty();

    @Override
    public Integer call() throws IOException {
        var console = Console.of(spec);
        var root = spec.root().commandLine();
        if (output.isEmpty()) {
            console.print(ManPage.of(find(root)).stripTrailing());
            return 0;
        }
        Files.createDirectories(output.get());
        var all = new ArrayList<CommandLine>();
        collect(root, all);
        for (var line : all) {
            var file = output.get().resolve(ManPage.name(line.getCommandSpec()) + ".1");
            Files.writeString(file, ManPage.of(line));
        }
        console.print("%d pages in %s".formatted(all.size(), output.get()));
        return 0;
    }

    private CommandLine find(CommandLine root) {
        var at = root;
        for (var word : words) {
            var next = Optional.ofNullable(at.getSubcommands().get(word));
            at =
                    next.orElseThrow(
                            () ->
                                    new UserError(
                                            "COMMAND: expected a command, found "
                                                    + String.join(" ", words)
                                                    + "; mitune --help lists them"));
        }
        return at;
    }

    private static void collect(CommandLine line, List<CommandLine> all) {
        all.add(line);
        line.getSubcommands().values().forEach(below -> collect(below, all));
    }
}
