package io.mitune.app.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * A command's manual page in troff, from the same annotations as its {@code --help}.
 *
 * <p>Written here and not by a generator, whose AsciiDoc would need another tool to become a page.
 * Macros of man(7). Stateless.
 */
final class ManPage {
    private static final List<String> EXIT =
            List.of(
                    "0", "Everything is done.",
                    "1", "It failed, or a part of it did; one line on standard error says why.",
                    "2", "The command line is wrong.",
                    "130", "It was interrupted.");

    private ManPage() {}

    /** The page's name, such as mitune-adapters-list. */
    static String name(CommandSpec spec) {
        return spec.qualifiedName("-");
    }

    static String of(CommandLine line) {
        var spec = line.getCommandSpec();
        var page = new StringBuilder();
        var version = spec.root().version()[0];
        macro(page, ".TH", name(spec).toUpperCase(Locale.ROOT), "1", "", version, "MI-TUNE");
        page.append(".SH NAME\n").append(text(name(spec))).append(" \\- ");
        page.append(text(summary(spec))).append('\n');
        synopsis(page, spec);
        page.append(".SH DESCRIPTION\n");
        Stream.of(spec.usageMessage().description()).forEach(d -> paragraph(page, d));
        parameters(page, spec);
        options(page, spec);
        commands(page, line);
        page.append(".SH EXIT STATUS\n");
        for (var i = 0; i < EXIT.size(); i += 2) {
            entry(page, "\\fB" + EXIT.get(i) + "\\fR", EXIT.get(i + 1));
        }
        if (spec.parent() != null) {
            page.append(".SH SEE ALSO\n").append(reference(name(spec.parent()))).append('\n');
        }
        return page.toString();
    }

    private static void synopsis(StringBuilder page, CommandSpec spec) {
        page.append(".SH SYNOPSIS\n");
        var custom = spec.usageMessage().customSynopsis();
        if (custom.length > 0) {
            Stream.of(custom).forEach(way -> page.append(text(way.strip())).append("\n.br\n"));
            return;
        }
        page.append("\\fB").append(text(spec.qualifiedName(" "))).append("\\fR");
        spec.options().stream()
                .filter(OptionSpec::required)
                .forEach(o -> page.append(" \\fB").append(option(o)).append("\\fR"));
        page.append(" [\\fIoptions\\fR]");
        spec.positionalParameters()
                .forEach(p -> page.append(" \\fI").append(text(p.paramLabel())).append("\\fR"));
        page.append(spec.subcommands().isEmpty() ? "\n" : " \\fICOMMAND\\fR\n");
    }

    private static void parameters(StringBuilder page, CommandSpec spec) {
        if (!spec.positionalParameters().isEmpty()) {
            page.append(".SH ARGUMENTS\n");
            spec.positionalParameters()
                    .forEach(p -> entry(page, "\\fI" + text(p.paramLabel()) + "\\fR", words(p)));
        }
    }

    private static void options(StringBuilder page, CommandSpec spec) {
        page.append(".SH OPTIONS\n");
        HelpLayout.sections(spec)
                .forEach(
                        (title, options) -> {
                            if (!title.equals(HelpLayout.OWN)) {
                                page.append(".SS ").append(text(title)).append('\n');
                            }
                            options.stream()
                                    .sorted(Comparator.comparing(OptionSpec::longestName))
                                    .forEach(o -> entry(page, names(o), words(o)));
                        });
    }

    private static void commands(StringBuilder page, CommandLine line) {
        Map<String, CommandLine> all = new TreeMap<>(line.getSubcommands());
        if (!all.isEmpty()) {
            page.append(".SH COMMANDS\n");
            all.values()
                    .forEach(
                            below -> {
                                var spec = below.getCommandSpec();
                                entry(page, reference(name(spec)), summary(spec));
                            });
        }
    }

    private static String names(OptionSpec option) {
        return Stream.of(option.names())
                        .map(name -> "\\fB" + text(name) + "\\fR")
                        .collect(Collectors.joining(", "))
                + value(option);
    }

    private static String option(OptionSpec option) {
        return text(option.longestName()) + "\\fR" + value(option);
    }

    private static String value(OptionSpec option) {
        return option.arity().max() == 0 ? "" : " \\fI" + text(option.paramLabel()) + "\\fR";
    }

    private static String words(ArgSpec spec) {
        return String.join(" ", spec.description());
    }

    private static String summary(CommandSpec spec) {
        var lines = spec.usageMessage().description();
        return lines.length == 0 ? spec.name() : lines[0].replaceFirst("\\.$", "");
    }

    private static String reference(String name) {
        return "\\fB" + text(name) + "\\fR(1)";
    }

    private static void entry(StringBuilder page, String head, String words) {
        page.append(".TP\n").append(head).append('\n');
        page.append(text(words.isEmpty() ? "See the description." : words)).append('\n');
    }

    private static void paragraph(StringBuilder page, String words) {
        page.append(".PP\n").append(text(words)).append('\n');
    }

    private static void macro(StringBuilder page, String name, String... values) {
        page.append(name);
        for (var value : values) {
            page.append(" \"").append(text(value).replace("\"", "\\(dq")).append('"');
        }
        page.append('\n');
    }

    /** Text in which nothing is a command to troff. */
    static String text(String raw) {
        var safe = raw.replace("\\", "\\e").replace("-", "\\-").replaceAll("\\p{Cntrl}+", " ");
        return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
    }
}
