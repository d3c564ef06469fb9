package io.mitune.app.cli;

import io.mitune.app.metrics.MetricsOptions;
import io.mitune.app.start.StartOptions;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Puts what a command does before what all commands have: where the stream is, how a role runs, and
 * the log come last, in sections of their own, and not in the synopsis.
 *
 * <p>Which option belongs where is said by the class that declares it.
 */
public final class HelpLayout extends Help {
    /** The command's own options. */
    static final String OWN = "Options";

    private static final String STREAM = "Where the stream is";
    private static final String ROLE = "Start and metrics";
    private static final String LOG_AND_HELP = "Log and help";
    private static final Map<Class<?>, String> TITLES =
            Map.of(
                    ConnectionOptions.class, STREAM,
                    BlobOptions.class, STREAM,
                    StartOptions.class, ROLE,
                    MetricsOptions.class, ROLE,
                    Verbosity.class, LOG_AND_HELP);
    private static final List<String> ORDER = List.of(OWN, STREAM, ROLE, LOG_AND_HELP);

    private HelpLayout(CommandSpec spec, ColorScheme colors) {
        super(spec, colors);
    }

    /** For this command and those below it. */
    public static void install(CommandLine line) {
        line.setHelpFactory(HelpLayout::new);
    }

    /** The options to be shown by title of their section; sections without any are left out. */
    static Map<String, List<OptionSpec>> sections(CommandSpec spec) {
        Map<String, List<OptionSpec>> sections = new LinkedHashMap<>();
        ORDER.forEach(title -> sections.put(title, new ArrayList<>()));
        spec.options().stream()
                .filter(o -> !o.hidden())
                .forEach(o -> sections.get(title(o)).add(o));
        sections.values().removeIf(List::isEmpty);
        return sections;
    }

    private static String title(OptionSpec option) {
        if (option.usageHelp() || option.versionHelp()) {
            return LOG_AND_HELP;
        }
        return option.userObject() instanceof Field field
                ? TITLES.getOrDefault(field.getDeclaringClass(), OWN)
                : OWN;
    }

    @Override
    protected Ansi.Text createDetailedSynopsisOptionsText(
            Collection<ArgSpec> done, Comparator<OptionSpec> sort, boolean clustered) {
        var own = sections(commandSpec()).getOrDefault(OWN, List.of());
        return createDetailedSynopsisOptionsText(done, own, sort, clustered);
    }

    @Override
    public String optionList() {
        var text = new StringBuilder();
        sections(commandSpec())
                .forEach(
                        (title, options) -> {
                            var free = options.stream().filter(o -> o.group() == null).toList();
                            if (!title.equals(OWN)) {
                                text.append(String.format("%n%s:%n", title));
                            }
                            text.append(optionListExcludingGroups(free));
                            if (title.equals(OWN)) {
                                text.append(optionListGroupSections());
                            }
                        });
        return text.toString();
    }
}
