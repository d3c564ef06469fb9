package io.mitune.app.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what a shell needs to complete commands and options: always those of this version. */
@Command(
        name = "completion",
        description = "Print the completion script of a shell: source <(mitune completion bash).",
        mixinStandardHelpOptions = true)
public final class CompletionCommand implements Runnable {
    /** Shells that have one. */
    enum Shell {
        bash,
        zsh
    }

    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "bash|zsh", description = "Which shell.")
    private Shell shell;

    @Override
    public void run() {
        var root = spec.root().commandLine();
        var script = AutoComplete.bash(root.getCommandName(), root);
        if (shell == Shell.zsh) { // the same script, on zsh's own emulation of bash's completion
            script = "autoload -Uz compinit bashcompinit\ncompinit\nbashcompinit\n" + script;
        }
        Console.of(spec).print(script);
    }
}
