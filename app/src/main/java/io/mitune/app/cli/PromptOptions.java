package io.mitune.app.cli;

import io.mitune.app.grading.Scene;
import io.mitune.producers.Prompt;
import io.mitune.producers.PromptSource;
import io.mitune.producers.Prompts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/**
 * Where prompts come from: a file, standard input or the command line.
 *
 * <p>Bad lines of a file are told with their numbers and skipped. A prompt without a category that
 * reads as a drawn scene gets the scene's.
 */
public final class PromptOptions {
    private static final int SHOWN_BAD_LINES = 5;

    @ArgGroup(multiplicity = "1")
    private Source source;

    private static final class Source {
        @Option(
                names = "--prompt",
                paramLabel = "TEXT",
                required = true,
                description = "A prompt; may be repeated.")
        private List<String> texts = new ArrayList<>();

        @Option(
                names = "--prompts",
                paramLabel = "FILE",
                required = true,
                description = "Prompts, one a line; - is standard input. T2I-CompBench files too.")
        private Optional<Path> file = Optional.empty();
    }

    /** Reads the prompts; remarks about skipped lines go to the console. */
    public Prompts read(Console console) {
        var read = read();
        read.badLines().stream()
                .limit(SHOWN_BAD_LINES)
                .forEach(bad -> console.remark(read.origin() + ": skipped " + bad));
        if (read.badCount() > SHOWN_BAD_LINES) {
            var more = read.badCount() - SHOWN_BAD_LINES;
            console.remark(read.origin() + ": skipped " + more + " more bad lines");
        }
        var prompts = read.accepted().stream().map(PromptOptions::withCategory).toList();
        return new Prompts(read.origin(), prompts, read.badLines(), read.badCount());
    }

    private Prompts read() {
        var prompts = PromptSource.create();
        if (source.file.isEmpty()) {
            return prompts.arguments(source.texts);
        }
        var file = source.file.get();
        return file.toString().equals("-")
                ? prompts.stream("standard input", System.in)
                : prompts.file(file);
    }

    private static Prompt withCategory(Prompt prompt) {
        if (!prompt.category().isEmpty()) {
            return prompt;
        }
        var category = Scene.parse(prompt.text()).map(scene -> scene.category().title()).orElse("");
        return new Prompt(prompt.line(), prompt.text(), category);
    }
}
